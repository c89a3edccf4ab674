// SPDX-License-Identifier: Apache-2.0
package com.example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;

/** {@code PORT FOLDER}: an index and a database behind HTTP. */
public final class Search {
    private final Documents documents;
    private final Visits visits;

    private Search(Path folder) throws IOException, SQLException {
        documents = new Documents(folder.resolve("index"));
        visits = new Visits(folder.resolve("visits"));
    }

    public static void main(String[] args) throws IOException, SQLException {
        Search search = new Search(Path.of(args[1]));
        HttpServer server = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])), 0);
        server.createContext("/", search::handle);
        server.start();
        System.out.println("listening on " + server.getAddress().getPort());
    }

    private void handle(HttpExchange exchange) throws IOException {
        int status = 200;
        String answer;
        try {
            answer = answer(exchange.getRequestURI().getPath(), exchange.getRequestURI().getQuery());
        } catch (IOException | SQLException | RuntimeException e) {
            status = 500;
            answer = "ERROR " + e;
            e.printStackTrace();
        }
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private String answer(String path, String query) throws IOException, SQLException {
        return switch (path) {
            case "/search" -> documents.search(query);
            case "/visit" -> visits.add(query);
            case "/visits" -> visits.all();
            default -> "hello";
        };
    }
}
