#pragma once

/// 1 under ThreadSanitizer, else 0: whichever compiler tells it. A macro, since what is replaced
/// under it must not be compiled.
#if defined(__SANITIZE_THREAD__)
#define PGREACTOR_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PGREACTOR_THREAD_SANITIZER 1
#endif
#endif
#ifndef PGREACTOR_THREAD_SANITIZER
#define PGREACTOR_THREAD_SANITIZER 0
#endif
