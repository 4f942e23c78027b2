#pragma once
// Whether a sanitizer looks on, under which memory and time are not what they are else:
// VESTIBULE_SANITIZED for any, VESTIBULE_THREAD_SANITIZED for that of threads; by g++ and clang
// alike.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define VESTIBULE_THREAD_SANITIZED
#endif
#if __has_feature(address_sanitizer)
#define VESTIBULE_SANITIZED
#endif
#elif defined(__SANITIZE_THREAD__)
#define VESTIBULE_THREAD_SANITIZED
#elif defined(__SANITIZE_ADDRESS__)
#define VESTIBULE_SANITIZED
#endif
#ifdef VESTIBULE_THREAD_SANITIZED
#define VESTIBULE_SANITIZED
#endif
