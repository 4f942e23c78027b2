#include "jit/queue_workers.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "store/prompt_store.h"

namespace vestibule::jit {
namespace {

/// Operations that one worker claims at once: few, so that workers of other servers get theirs.
constexpr std::uint64_t kClaim = 16;
/// Rows that one statement puts back or removes.
constexpr std::uint64_t kTidied = 1'000;
/// How often what is old is removed, and what there is counted, in looks at the queue.
constexpr unsigned kLooksBetweenRemovals = 20;
constexpr unsigned kLooksBetweenCounts = 10;

}  // namespace

QueueWorkers::QueueWorkers(const directory::Context& context, const IdentityProviders& providers,
                           const QueueOptions& options, Ran ran)
    : context_(context), providers_(providers), options_(options), ran_(std::move(ran)) {
  try {
    for (unsigned i = 0; i < options_.workers; ++i) {
      threads_.emplace_back([this, i] { work(i == 0); });
    }
  } catch (const std::system_error&) {
    stop();
    throw;
  }
}

QueueWorkers::~QueueWorkers() { stop(); }

void QueueWorkers::wake() {
  {
    const std::lock_guard lock(mutex_);
    ++calls_;
  }
  changed_.notify_one();
}

void QueueWorkers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

bool QueueWorkers::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void QueueWorkers::work(bool tidies) {
  auto next_tidying = Clock::now();
  while (!stopping()) {
    if (tidies && Clock::now() >= next_tidying) {
      tidy();
      next_tidying = Clock::now() + options_.poll;
    }
    if (runSome()) continue;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, options_.poll, [this] { return stopping_ || calls_ > 0; });
    if (calls_ > 0) --calls_;
  }
}

/// False when there was nothing to be done, or the queue could not be read.
bool QueueWorkers::runSome() {
  auto& database = *context_.database;
  const store::Lease lease(randomBytes(16));
  const auto since = Clock::now();
  auto claimed = database.write([&](store::Session& session) {
    return store::claimOperations(session, database.controlSchema(), lease,
                                  options_.operations.lease, kClaim);
  });
  noteOutage(claimed ? nullptr : &claimed.error());
  if (!claimed || claimed->empty()) return false;
  // There may be more than one worker's work.
  if (claimed->size() == kClaim) wake();
  std::vector<std::uint64_t> left;
  for (const auto& operation : *claimed) {
    // What has waited for half of the lease might not end within the other half.
    if (stopping() || Clock::now() - since > options_.operations.lease / 2) {
      left.push_back(operation.seq);
      continue;
    }
    runOperation(context_, providers_, operation, lease, options_.operations, OnOutage::kPostpone);
    if (ran_) ran_();
  }
  if (left.empty()) return true;
  auto released = database.write([&](store::Session& session) {
    return store::releaseOperations(session, database.controlSchema(), lease, left);
  });
  if (!released) {
    logEvent(events::kOperationsLeft,
             {{"number", left.size()}, {"reason", released.error().internal}});
  }
  return true;
}

void QueueWorkers::tidy() {
  auto& database = *context_.database;
  auto requeued = database.write([&](store::Session& session) {
    return store::requeueExpired(session, database.controlSchema(), kTidied);
  });
  if (!requeued) {
    noteOutage(&requeued.error());
    const std::lock_guard lock(mutex_);
    counts_.reset();
    return;
  }
  if (*requeued > 0) {
    logEvent(events::kOperationsRequeued, {{"number", *requeued}});
  }
  const unsigned look = looks_++;
  if (look % kLooksBetweenCounts == 0) count();
  if (look % kLooksBetweenRemovals != 0) return;
  auto removed = database.write([&](store::Session& session) {
    return store::removeOldOperations(session, database.controlSchema(), kTidied);
  });
  if (!removed) noteOutage(&removed.error());
}

void QueueWorkers::count() {
  auto& database = *context_.database;
  auto counted = database.read([&](store::Session& session) -> Result<WaitingLogins> {
    auto operations = store::countOperations(session, database.controlSchema());
    if (!operations) return propagate(operations);
    auto prompts = store::countOpenPrompts(session, database.controlSchema(), now());
    if (!prompts) return propagate(prompts);
    return WaitingLogins{*std::move(operations), *prompts};
  });
  const std::lock_guard lock(mutex_);
  counts_ = counted ? std::optional(*std::move(counted)) : std::nullopt;
}

std::optional<WaitingLogins> QueueWorkers::counts() {
  const std::lock_guard lock(mutex_);
  return counts_;
}

/// Said once when it begins and once when it is over.
void QueueWorkers::noteOutage(const Error* error) {
  const std::lock_guard lock(mutex_);
  if (outage_ == (error != nullptr)) return;
  outage_ = error != nullptr;
  if (outage_) {
    logEvent(events::kOperationsUnreadable, {{"reason", error->internal}});
  } else {
    logEvent(events::kOperationsReadable);
  }
}

}  // namespace vestibule::jit
