#pragma once
// Whether a sanitizer looks on, under which memory and time are not what they are else: then
// VESTIBULE_SANITIZED is defined, by g++ and clang alike.

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VESTIBULE_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define VESTIBULE_SANITIZED
#endif
