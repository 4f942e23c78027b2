#include "jose/key_source.h"

#include <algorithm>
#include <exception>
#include <set>
#include <system_error>
#include <utility>

#include "base/log.h"

namespace vestibule::jose {
namespace {

/// The names of the keys, for the log and to tell whether something changed.
std::multiset<std::string> idsOf(const KeySet& set) {
  std::multiset<std::string> ids;
  for (const IssuerKey& key : set.keys) ids.insert(key.key_id.value_or(""));
  return ids;
}

}  // namespace

KeySource::KeySource(std::string name, KeyReader read, const KeySourceLimits& limits,
                     SteadyClock clock)
    : name_(std::move(name)), read_(std::move(read)), limits_(limits), clock_(std::move(clock)) {}

KeySource::~KeySource() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

Result<std::shared_ptr<const KeySet>> KeySource::current() {
  const Time now = clock_();
  if (const auto held = kept(); held && now < held->renew) return held->set;
  std::unique_lock lock(mutex_);
  auto held = kept();
  if (held && now < held->renew) return held->set;
  if (!retry_at_ || now >= *retry_at_) begin(now);
  if (held && now < held->stale) return held->set;
  await(lock);
  held = kept();
  if (held && now < held->dead) return held->set;
  const std::string why = reading_ ? "they take too long to read" : why_;
  return tl::make_unexpected(
      Error{ErrorKind::kUnavailable, "the keys cannot be read", name_ + ": " + why, {}, {}});
}

std::shared_ptr<const KeySet> KeySource::newerThan(const std::shared_ptr<const KeySet>& seen) {
  const Time now = clock_();
  std::unique_lock lock(mutex_);
  if (const auto held = kept(); held && held->set != seen) return held->set;
  if (!begun_ || now >= *begun_ + limits_.unknown_key) begin(now);
  await(lock);
  const auto held = kept();
  return held ? held->set : seen;
}

void KeySource::begin(Time now) {
  if (reading_) return;
  // The one before has ended, or is about to: it has said so.
  if (thread_.joinable()) thread_.join();
  begun_ = now;
  wait_until_ = std::chrono::steady_clock::now() + limits_.wait;
  try {
    // The reading belongs to the trace of whoever it is begun for, if there is one.
    const auto caller = LogScope::currentTrace();
    std::string trace = caller.trace_id.empty() ? std::string() : childOf(caller);
    thread_ = std::thread([this, trace = std::move(trace)] {
      const LogScope scope("", parseTraceParent(trace));
      renew();
    });
    reading_ = true;
  } catch (const std::system_error& error) {
    retry_at_ = now + limits_.retry;
    why_ = error.what();
    logEvent(events::kKeysNoThread, {{"source", name_}, {"reason", error.what()}});
  }
}

void KeySource::await(std::unique_lock<std::mutex>& lock) {
  finished_.wait_until(lock, wait_until_, [this] { return !reading_; });
}

void KeySource::renew() {
  std::optional<std::chrono::seconds> lifetime;
  auto set = readOnce(lifetime);
  const std::lock_guard lock(mutex_);
  reading_ = false;
  if (set) {
    retry_at_.reset();
    keep(*std::move(set), lifetime);
  } else {
    retry_at_ = clock_() + limits_.retry;
    why_ = set.error().internal.empty() ? set.error().detail : set.error().internal;
    const auto held = kept();
    logEvent(events::kKeysUnread,
             {{"source", name_},
              {"reason", why_},
              {"kept", !held                   ? "there are none"
                       : clock_() < held->dead ? "the last good ones serve on"
                                               : "the last good ones are too old"}});
  }
  finished_.notify_all();
}

Result<KeySet> KeySource::readOnce(std::optional<std::chrono::seconds>& lifetime) const {
  try {
    auto fetched = read_(stop_);
    if (!fetched) return propagate(fetched);
    lifetime = fetched->lifetime;
    return readKeySet(fetched->text);
  } catch (const std::exception& error) {
    return internalFailure(error.what());
  }
}

void KeySource::keep(KeySet set, std::optional<std::chrono::seconds> lifetime) {
  const auto seconds = std::clamp(lifetime.value_or(limits_.default_lifetime), limits_.min_lifetime,
                                  limits_.max_lifetime);
  const auto before = kept();
  if (!before || idsOf(*before->set) != idsOf(set)) {
    std::string left_out;
    for (const std::string& reason : set.left_out) left_out += "; left out " + reason;
    logEvent(events::kKeysRead,
             {{"source", name_}, {"keys", set.keys.size()}, {"left_out", left_out}});
  }
  Kept next;
  next.set = std::make_shared<const KeySet>(std::move(set));
  // From when the reading began: what was withdrawn meanwhile may still be in it.
  next.renew = *begun_ + seconds * 4 / 5;
  next.stale = *begun_ + seconds;
  next.dead = next.stale + limits_.last_good;
  std::atomic_store(&kept_, std::make_shared<const Kept>(std::move(next)));
}

}  // namespace vestibule::jose
