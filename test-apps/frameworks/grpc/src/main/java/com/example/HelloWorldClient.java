// SPDX-License-Identifier: Apache-2.0
package com.example;

import com.example.helloworld.GreeterGrpc;
import com.example.helloworld.HelloRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** {@code PORT}: greets each name of its standard input, over one channel until the line {@code disconnect}. */
public final class HelloWorldClient {
    private HelloWorldClient() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        BufferedReader names = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        ManagedChannel channel = open(args[0]);
        for (String name = names.readLine(); name != null; name = names.readLine()) {
            if (name.equals("disconnect")) {
                close(channel);
                channel = open(args[0]);
                System.out.println("disconnected");
            } else {
                greet(channel, name);
            }
        }
        close(channel);
    }

    private static void greet(ManagedChannel channel, String name) {
        try {
            System.out.println("Greeting: " + GreeterGrpc.newBlockingStub(channel).withWaitForReady()
                    .withDeadlineAfter(30, TimeUnit.SECONDS)
                    .sayHello(HelloRequest.newBuilder().setName(name).build()).getMessage());
        } catch (StatusRuntimeException e) {
            System.out.println("RPC failed: " + e.getStatus());
        }
    }

    private static ManagedChannel open(String port) {
        return Grpc.newChannelBuilder("localhost:" + port, InsecureChannelCredentials.create()).build();
    }

    private static void close(ManagedChannel channel) throws InterruptedException {
        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
}
