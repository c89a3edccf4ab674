// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/**
 * Connections that the JDK's clients keep for the next request do not hinder a checkpoint.
 *
 * <p>Commands: {@code client URL}, {@code http1 URL} (java.net.http), {@code connection URL} (HttpURLConnection).
 */
public final class HttpPools {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private HttpPools() {}

    public static void main(String[] args) throws IOException {
        Console.run(words -> switch (words[0]) {
            case "client" -> client(words[1], HttpClient.Version.HTTP_2);
            case "http1" -> client(words[1], HttpClient.Version.HTTP_1_1);
            case "connection" -> {
                try (InputStream in = URI.create(words[1]).toURL().openStream()) {
                    yield "read " + new String(in.readAllBytes());
                }
            }
            default -> "unknown command";
        });
    }

    private static String client(String url, HttpClient.Version version) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).version(version).build();
        HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        return "read " + response.body() + " by " + response.version();
    }
}
