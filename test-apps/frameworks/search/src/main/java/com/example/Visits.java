// SPDX-License-Identifier: Apache-2.0
package com.example;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;

/** A database file, closed while a checkpoint is taken: the last connection closes it. */
final class Visits implements Resource {
    private final String url;
    private Connection connection;

    Visits(Path file) throws SQLException {
        url = "jdbc:h2:file:" + file.toAbsolutePath();
        open();
        try (Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists visit(name varchar)");
        }
        Core.getGlobalContext().register(this);
    }

    private void open() throws SQLException {
        connection = DriverManager.getConnection(url);
    }

    @Override
    public synchronized void beforeCheckpoint(Context<? extends Resource> context) throws SQLException {
        connection.close();
        connection = null;
    }

    @Override
    public synchronized void afterRestore(Context<? extends Resource> context) throws SQLException {
        open();
        notifyAll();
    }

    /** Requests are answered as soon as the process runs again, so perhaps before {@link #afterRestore}. */
    private Connection connection() {
        try {
            while (connection == null) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return connection;
    }

    synchronized String add(String name) throws SQLException {
        try (PreparedStatement insert = connection().prepareStatement("insert into visit values(?)")) {
            insert.setString(1, name);
            insert.executeUpdate();
        }
        return name;
    }

    synchronized String all() throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection().createStatement();
                ResultSet rows = statement.executeQuery("select name from visit order by name")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return String.join(" ", names);
    }
}
