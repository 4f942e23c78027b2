#include "http/readiness.h"

#include <exception>
#include <utility>

namespace vestibule::http {
namespace {

constexpr std::string_view kNoAnswer = "the database does not answer";

}  // namespace

Readiness::Readiness(Probe probe, std::function<Clock::time_point()> now)
    : probe_(std::move(probe)),
      now_(std::move(now)),
      said_(kNoAnswer),
      said_at_(now_() - kFresh - kPatience) {}

std::string_view Readiness::ask() {
  {
    const std::lock_guard lock(mutex_);
    const auto age = now_() - said_at_;
    if (age < kFresh) return said_;
    if (probing_) return age < kFresh + kPatience ? said_ : kNoAnswer;
    probing_ = true;
  }
  std::string_view says = kNoAnswer;
  try {
    says = probe_();
  } catch (const std::exception&) {
    // Out of memory, say: not ready, and the next one asks again.
  }
  const std::lock_guard lock(mutex_);
  probing_ = false;
  said_ = says;
  said_at_ = now_();
  return says;
}

}  // namespace vestibule::http
