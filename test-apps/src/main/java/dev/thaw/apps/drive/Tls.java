// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A TLS server and a client that knows whether its session was resumed. */
public final class Tls {
    private static final String PASSWORD = "changeit";
    private static final String MARK = "thaw.mark";

    private final SSLContext context;

    private Tls(SSLContext context) {
        this.context = context;
    }

    /** A key of its own for localhost, which it also trusts. */
    public static Path newKey(Path folder) {
        Path store = folder.resolve("key.p12");
        Completed made = Completed.run(Artefacts.JAVA_HOME.resolve("bin/keytool").toString(), "-genkeypair", "-alias",
                "localhost", "-dname", "CN=localhost", "-ext", "SAN=dns:localhost,ip:127.0.0.1", "-keyalg", "EC",
                "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD);
        if (made.status() != 0) {
            throw new IllegalStateException(made.output());
        }
        return store;
    }

    public static Tls of(Path store) {
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(keys, PASSWORD.toCharArray());
            TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(keys);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
            return new Tls(context);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Answers each connection's first byte, for ever; the port. */
    public int serve() throws IOException {
        SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory()
                .createServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> answer(server), "tls server");
        thread.setDaemon(true);
        thread.start();
        return server.getLocalPort();
    }

    private static void answer(SSLServerSocket server) {
        while (true) {
            try (SSLSocket socket = (SSLSocket) server.accept()) {
                socket.getOutputStream().write(socket.getInputStream().read());
                socket.getInputStream().read();
            } catch (IOException e) {
                System.err.println("tls server: " + e);
            }
        }
    }

    /** One byte there and back; whether without a full handshake. */
    public boolean connect(String protocol, int port) throws IOException {
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", port)) {
            socket.setEnabledProtocols(new String[] {protocol});
            socket.startHandshake();
            boolean resumed = socket.getSession().getValue(MARK) != null;
            socket.getSession().putValue(MARK, "known");
            socket.getOutputStream().write('?');
            if (socket.getInputStream().read() != '?') {
                throw new IOException("another answer");
            }
            return resumed;
        }
    }
}
