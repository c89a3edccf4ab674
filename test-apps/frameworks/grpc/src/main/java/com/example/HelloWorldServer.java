// SPDX-License-Identifier: Apache-2.0
package com.example;

import com.example.helloworld.GreeterGrpc;
import com.example.helloworld.HelloReply;
import com.example.helloworld.HelloRequest;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** {@code PORT}. */
public final class HelloWorldServer {
    private HelloWorldServer() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Server server = Grpc.newServerBuilderForPort(Integer.parseInt(args[0]), InsecureServerCredentials.create())
                .addService(new Greeter())
                .addService(new HealthStatusManager().getHealthService())
                .build()
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
        System.out.println("listening on " + server.getPort());
        server.awaitTermination();
    }

    private static void stop(Server server) {
        try {
            boolean stopped = server.shutdown().awaitTermination(30, TimeUnit.SECONDS);
            System.out.println(stopped ? "server shut down" : "ERROR server still runs");
        } catch (InterruptedException e) {
            server.shutdownNow();
        }
    }

    private static final class Greeter extends GreeterGrpc.GreeterImplBase {
        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> observer) {
            observer.onNext(HelloReply.newBuilder().setMessage("Hello " + request.getName()).build());
            observer.onCompleted();
        }
    }
}
