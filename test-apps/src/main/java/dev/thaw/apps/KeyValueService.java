// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A plain HTTP service with an adjustable live heap, written without a thought of checkpoints.
 *
 * <p>{@code KeyValueService [--heap-mb N] [--load THREADS] [PORT]}; PORT 0 or none: any free one.
 * Each answer ends its connection, so none is left open when nobody asks.
 */
public final class KeyValueService {
    private final Records records;
    private final AtomicLong loadOperations = new AtomicLong();
    private final AtomicReference<Throwable> loadFailure = new AtomicReference<>();
    private volatile Object garbage;

    private KeyValueService(int megabytes) {
        records = new Records(megabytes);
    }

    public static void main(String[] args) throws IOException {
        int megabytes = 0;
        int load = 0;
        int port = 0;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--heap-mb" -> megabytes = Integer.parseInt(args[++i]);
                case "--load" -> load = Integer.parseInt(args[++i]);
                default -> port = Integer.parseInt(args[i]);
            }
        }
        KeyValueService service = new KeyValueService(megabytes);
        service.startLoad(load);
        service.listen(port);
    }

    private void listen(int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        ExecutorService workers = Executors.newFixedThreadPool(4);
        server.setExecutor(workers);
        server.createContext("/", this::answer);
        server.start();
        System.out.println("listening on 127.0.0.1:" + server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        int status = 200;
        String text;
        try {
            text = answerTo(exchange.getRequestURI().getPath(), parameter(exchange.getRequestURI().getQuery()));
            if (text == null) {
                status = 404;
                text = "no such path: " + exchange.getRequestURI();
            }
        } catch (RuntimeException e) {
            status = 500;
            text = e.toString();
        }
        byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Connection", "close");
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private String answerTo(String path, int parameter) {
        return switch (path) {
            case "/hello" -> "hello";
            case "/get" -> "record %d %016x".formatted(parameter, records.verifyOne(parameter));
            case "/verify" -> verified();
            case "/checksum" -> "records %d checksum %016x".formatted(records.count(), records.checksum());
            case "/dirty" -> "rewritten " + records.rewriteNext(parameter);
            case "/scan" -> "scanned in %.1f ms".formatted(milliseconds(records::checksum));
            case "/gc" -> "collected in %.1f ms".formatted(milliseconds(System::gc));
            case "/load" -> "operations " + loadOperations.get();
            case "/pid" -> "pid " + ProcessHandle.current().pid();
            case "/break" -> records.breakOne(parameter);
            case "/exit" -> exitSoon(parameter);
            default -> null;
        };
    }

    private String verified() {
        Throwable failure = loadFailure.get();
        if (failure != null) {
            throw new IllegalStateException("the load found: " + failure, failure);
        }
        return "records %d checksum %016x".formatted(records.count(), records.verify());
    }

    /** The number after the first '=' of the query; 0 when there is none. */
    private static int parameter(String query) {
        int equals = query == null ? -1 : query.indexOf('=');
        return equals < 0 ? 0 : Integer.parseInt(query.substring(equals + 1));
    }

    private static double milliseconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }

    private static String exitSoon(int status) {
        new Thread(() -> System.exit(status), "exit").start();
        return "exiting with " + status;
    }

    private void startLoad(int threads) {
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(this::load, "load-" + i);
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void load() {
        try {
            while (true) {
                records.touchAny();
                garbage = new byte[4096];
                loadOperations.incrementAndGet();
            }
        } catch (Throwable t) {
            loadFailure.compareAndSet(null, t);
        }
    }
}
