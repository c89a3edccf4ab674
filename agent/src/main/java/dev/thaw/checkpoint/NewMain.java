// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import java.lang.reflect.Method;
import java.util.List;
import jdk.crac.RestoreException;

/** The main class given to a restore. */
final class NewMain {
    private NewMain() {}

    /**
     * @param main a class of the system class loader, and its arguments
     * @return what went wrong; null: nothing
     */
    static RestoreException run(List<String> main) {
        try {
            Class<?> type = Class.forName(main.getFirst(), false, ClassLoader.getSystemClassLoader());
            Method method = type.getDeclaredMethod("main", String[].class);
            method.setAccessible(true);
            method.invoke(null, (Object) main.subList(1, main.size()).toArray(new String[0]));
            return null;
        } catch (ReflectiveOperationException | LinkageError e) {
            RestoreException failure = new RestoreException();
            failure.addSuppressed(new Exception("Failed to execute the new main entry: new main class = '"
                    + main.getFirst() + "', new main arguments = " + main.subList(1, main.size())
                    + ". Do not specify these if you just wish to continue the checkpointed execution.", e));
            return failure;
        }
    }
}
