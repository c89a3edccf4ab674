// SPDX-License-Identifier: Apache-2.0
package com.example;

import io.javalin.Javalin;

public final class Main {
    private Main() {}

    public static void main(String[] args) {
        Javalin.create(config -> config.useVirtualThreads = true)
                .get("/greeting", context -> context.result(Thread.currentThread().toString().contains("Virtual")
                        ? "hello" : Thread.currentThread().toString()))
                .start(Integer.parseInt(args[0]));
    }
}
