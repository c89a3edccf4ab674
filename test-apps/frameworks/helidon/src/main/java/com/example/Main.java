// SPDX-License-Identifier: Apache-2.0
package com.example;

import io.helidon.config.Config;
import io.helidon.logging.common.LogConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;

public final class Main {
    private Main() {}

    public static void main(String[] args) {
        LogConfig.configureRuntime();
        Config config = Config.create();
        WebServer server = WebServer.builder()
                .config(config.get("server"))
                .routing(Main::routing)
                .build()
                .start();
        System.out.println("listening on " + server.port());
    }

    private static void routing(HttpRouting.Builder routing) {
        routing.get("/greeting", (request, response) -> response.send(Thread.currentThread().isVirtual()
                ? "hello" : Thread.currentThread().toString()));
    }
}
