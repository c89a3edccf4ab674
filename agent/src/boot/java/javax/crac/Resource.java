// SPDX-License-Identifier: Apache-2.0
package javax.crac;

/** {@link jdk.crac.Resource} by its older name. The context it is registered with holds it weakly. */
public interface Resource {
    void beforeCheckpoint(Context<? extends Resource> context) throws Exception;

    void afterRestore(Context<? extends Resource> context) throws Exception;
}
