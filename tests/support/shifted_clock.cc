// Loaded into a program in front of the system's library (LD_PRELOAD): the wall clock runs ahead of
// the real one, or behind it, by as many seconds as the file says that SHIFTED_CLOCK_FILE names, in
// a signed 64-bit number. Monotonic clocks are the real ones, as when somebody sets the time.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

std::atomic<const std::atomic<std::int64_t>*> shift{nullptr};

__attribute__((constructor)) void mapShift() {
  const char* path = std::getenv("SHIFTED_CLOCK_FILE");
  if (path == nullptr) return;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void* memory = mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (memory != MAP_FAILED) shift = static_cast<const std::atomic<std::int64_t>*>(memory);
}

std::int64_t shifted(std::int64_t seconds) {
  const auto* by = shift.load(std::memory_order_relaxed);
  return by == nullptr ? seconds : seconds + by->load(std::memory_order_relaxed);
}

}  // namespace

// Called before any constructor has run, and by allocators: nothing here may allocate.
extern "C" int clock_gettime(clockid_t clock, struct timespec* at) noexcept {
  const auto status = static_cast<int>(syscall(SYS_clock_gettime, clock, at));
  if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    at->tv_sec = shifted(at->tv_sec);
  }
  return status;
}

extern "C" int gettimeofday(struct timeval* at, void*) noexcept {
  struct timespec now {};
  const int status = clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1'000;
  return status;
}

extern "C" time_t time(time_t* at) noexcept {
  struct timespec now {};
  clock_gettime(CLOCK_REALTIME, &now);
  if (at != nullptr) *at = now.tv_sec;
  return now.tv_sec;
}
