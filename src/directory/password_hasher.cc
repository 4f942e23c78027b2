#include "directory/password_hasher.h"

#include <future>

#include "policy/password_hash.h"

namespace vestibule::directory {

PasswordHasher::PasswordHasher(unsigned threads, std::size_t waiting) : waiting_limit_(waiting) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

PasswordHasher::~PasswordHasher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  signal_.notify_all();
  for (auto& thread : threads_) thread.join();
}

Result<std::string> PasswordHasher::hash(const Secret& password) {
  std::promise<Result<std::string>> promise;
  auto answer = promise.get_future();
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= waiting_limit_) {
      return failure(ErrorKind::kUnavailable,
                     "too many passwords are being set at once; try again later");
    }
    // The caller waits below, so both references outlive the job.
    jobs_.emplace_back(
        [&password, &promise] { promise.set_value(policy::hashPassword(password)); });
  }
  signal_.notify_one();
  return answer.get();
}

void PasswordHasher::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    signal_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace vestibule::directory
