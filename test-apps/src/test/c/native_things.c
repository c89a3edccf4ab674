// SPDX-License-Identifier: Apache-2.0
/* Compiled by the tests for NativeThings: JNI, and threads that Java did not start. */
#include <jni.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define MAX_THREADS	16

static JavaVM *vm;
static jobject global;
static jweak weak;
static jobject runnable;
static jmethodID run_method;
static int started;
static _Atomic long counts[MAX_THREADS];
static __thread long own_count;

static void rest(void)
{
	struct timespec time = { 0, 1000000 };

	nanosleep(&time, NULL);
}

static JNIEnv *attach(void)
{
	JNIEnv *env = NULL;

	if ((*vm)->AttachCurrentThreadAsDaemon(vm, (void **)&env, NULL) != JNI_OK)
		abort();
	return env;
}

static void *call_java(void *data)
{
	long index = (long)data;
	JNIEnv *env = attach();

	for (;;) {
		(*env)->CallVoidMethod(env, runnable, run_method);
		if ((*env)->ExceptionCheck(env))
			abort();
		counts[index] = ++own_count;
		if (index % 2) {
			(*vm)->DetachCurrentThread(vm);
			rest();
			env = attach();
		} else {
			rest();
		}
	}
	return NULL;
}

static void *call_stub(void *stub)
{
	for (;;) {
		((void (*)(void))stub)();
		rest();
	}
	return NULL;
}

static void start(void *(*body)(void *), void *data)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, data) != 0)
		abort();
	pthread_detach(thread);
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *loaded_by, void *reserved)
{
	(void)reserved;
	vm = loaded_by;
	return JNI_VERSION_10;
}

JNIEXPORT void JNICALL Java_dev_thaw_apps_NativeThings_keep(JNIEnv *env, jclass type, jobject object)
{
	(void)type;
	global = (*env)->NewGlobalRef(env, object);
	weak = (*env)->NewWeakGlobalRef(env, object);
}

JNIEXPORT jobject JNICALL Java_dev_thaw_apps_NativeThings_kept(JNIEnv *env, jclass type)
{
	(void)type;
	return (*env)->NewLocalRef(env, global);
}

JNIEXPORT jobject JNICALL Java_dev_thaw_apps_NativeThings_weaklyKept(JNIEnv *env, jclass type)
{
	(void)type;
	return (*env)->NewLocalRef(env, weak);
}

JNIEXPORT jobject JNICALL Java_dev_thaw_apps_NativeThings_allocate(JNIEnv *env, jclass type, jint bytes)
{
	(void)type;
	return (*env)->NewDirectByteBuffer(env, malloc((size_t)bytes), bytes);
}

JNIEXPORT void JNICALL Java_dev_thaw_apps_NativeThings_startThreads(JNIEnv *env, jclass type, jint count, jobject task)
{
	(void)type;
	runnable = (*env)->NewGlobalRef(env, task);
	run_method = (*env)->GetMethodID(env, (*env)->GetObjectClass(env, task), "run", "()V");
	for (started = 0; started < count && started < MAX_THREADS; started++)
		start(call_java, (void *)(long)started);
}

JNIEXPORT void JNICALL Java_dev_thaw_apps_NativeThings_useStub(JNIEnv *env, jclass type, jlong stub)
{
	(void)env;
	(void)type;
	start(call_stub, (void *)stub);
}

JNIEXPORT jlongArray JNICALL Java_dev_thaw_apps_NativeThings_threadCounts(JNIEnv *env, jclass type)
{
	jlongArray array = (*env)->NewLongArray(env, started);

	(void)type;
	for (jsize i = 0; i < started; i++) {
		jlong count = counts[i];

		(*env)->SetLongArrayRegion(env, array, i, 1, &count);
	}
	return array;
}
