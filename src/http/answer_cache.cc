#include "http/answer_cache.h"

#include <utility>

namespace vestibule::http {

std::shared_ptr<const Response> AnswerCache::find(const std::string& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  for (auto* entries : {&newer_, &older_}) {
    const auto found = entries->find(key);
    if (found == entries->end()) continue;
    if (now < found->second.expires) return found->second.answer;
    entries->erase(found);
  }
  return nullptr;
}

void AnswerCache::keep(std::string key, std::shared_ptr<const Response> answer,
                       Clock::time_point expires) {
  Entries forgotten;  // destroyed when the lock is gone
  const std::lock_guard lock(mutex_);
  older_.erase(key);
  newer_.insert_or_assign(std::move(key), Entry{std::move(answer), expires});
  if (newer_.size() < half_) return;
  forgotten = std::exchange(older_, std::exchange(newer_, {}));
}

}  // namespace vestibule::http
