#include "feed/event_workers.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "feed/fan_out.h"

namespace vestibule::feed {
namespace {

/// Events that a sender reads at once.
constexpr std::uint64_t kBatch = 32;
constexpr std::size_t kLeaseBytes = 16;
/// How often what is old is removed, and what there is counted, in looks at the outbox.
constexpr unsigned kLooksBetweenRemovals = 240;
constexpr unsigned kLooksBetweenCounts = 20;

/// Some of the time, at least half: two servers do not come back to a receiver together.
std::chrono::milliseconds withChance(std::chrono::milliseconds time) {
  std::uint16_t random = 0;
  fillRandom(&random, sizeof random);
  return time / 2 + (time / 2) * random / 65'536;
}

}  // namespace

std::chrono::milliseconds backOff(const WorkerOptions& options, std::uint32_t failures) {
  constexpr std::uint32_t kMostDoublings = 20;
  const auto doublings = std::min(failures == 0 ? 0 : failures - 1, kMostDoublings);
  return std::min(options.first_wait * (std::int64_t{1} << doublings), options.most_wait);
}

EventWorkers::EventWorkers(const directory::Context& context, EventSource& source,
                           const EventMetrics& metrics, const WorkerOptions& options,
                           std::function<void()> fanned)
    : context_(context),
      source_(source),
      metrics_(metrics),
      options_(options),
      fanned_(std::move(fanned)) {
  try {
    threads_.emplace_back([this] { dispatch(); });
    for (unsigned i = 0; i < options_.senders; ++i) threads_.emplace_back([this] { send(); });
  } catch (const std::system_error&) {
    stop();
    throw;
  }
}

EventWorkers::~EventWorkers() { stop(); }

void EventWorkers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

bool EventWorkers::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_.load(); });
}

void EventWorkers::dispatch() {
  unsigned look = 0;
  do {
    auto fanned = fanOut(context_);
    while (fanned && (*fanned == store::FannedOut::kSome || *fanned == store::FannedOut::kStale) &&
           !stopping_) {
      if (*fanned == store::FannedOut::kSome) {
        {
          const std::lock_guard lock(mutex_);
          ++made_;
        }
        changed_.notify_all();
        if (fanned_) fanned_();
      }
      fanned = fanOut(context_);
    }
    noteOutage(fanned ? nullptr : &fanned.error());
    if (look % kLooksBetweenRemovals == 0) tidy();
    if (look % kLooksBetweenCounts == 0) count();
    ++look;
  } while (pause(options_.poll));
}

void EventWorkers::tidy() {
  auto& database = *context_.database;
  const Timestamp moment =
      now() - std::chrono::duration_cast<std::chrono::microseconds>(options_.retention).count();
  for (;;) {
    auto removed = database.write([&](store::Session& session) {
      return store::removeOldDeliveries(session, database.controlSchema(), moment);
    });
    if (!removed) return noteOutage(&removed.error());
    if (removed->empty() || stopping_) return;
    const auto catalog = context_.catalog->current();
    for (const auto& [number, events] : *removed) {
      metrics_.dropped(events);
      std::string_view name;
      for (const auto& stream : catalog->eventStreams()) {
        if (stream->number == number) name = stream->name;
      }
      // Those of a stream that is deleted are missed by nobody.
      if (name.empty()) continue;
      logEvent(events::kEventsDropped, {{"event_stream", name}, {"number", events}});
    }
  }
}

void EventWorkers::count() {
  std::vector<store::EventStreamNumber> numbers;
  const auto catalog = context_.catalog->current();
  for (const auto& stream : catalog->eventStreams()) numbers.push_back(stream->number);
  auto& database = *context_.database;
  auto progress = database.read([&](store::Session& session) {
    return store::readProgress(session, database.controlSchema(), numbers);
  });
  std::optional<WaitingEvents> counted;
  if (progress) {
    counted.emplace();
    for (const auto& [number, of_stream] : *progress) {
      counted->waiting += of_stream.waiting;
      counted->dead += of_stream.dead;
    }
  }
  const std::lock_guard lock(mutex_);
  counts_ = counted;
}

std::optional<WaitingEvents> EventWorkers::counts() {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void EventWorkers::send() {
  Sender sender(source_);
  std::uint64_t seen = 0;
  while (!stopping_) {
    if (serveOne(sender)) continue;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, options_.poll, [&] { return stopping_ || made_ != seen; });
    seen = made_;
  }
}

/// False when there was nothing to be sent.
bool EventWorkers::serveOne(Sender& sender) {
  const auto catalog = context_.catalog->current();
  std::vector<store::EventStreamNumber> numbers;
  for (const auto& stream : catalog->eventStreams()) {
    if (stream->kind != directory::StreamKind::kPoll && !stream->paused) {
      numbers.push_back(stream->number);
    }
  }
  if (numbers.empty()) return false;
  auto& database = *context_.database;
  const std::string control = database.controlSchema();
  store::Claim claim{0, store::Lease(randomBytes(kLeaseBytes)), options_.lease};
  auto claimed = database.write([&](store::Session& session) {
    return store::claimStream(session, control, numbers, claim.lease, claim.lease_time);
  });
  if (!claimed || !*claimed) return false;
  claim.stream = (*claimed)->stream;
  const auto stream = std::find_if(catalog->eventStreams().begin(), catalog->eventStreams().end(),
                                   [&](const auto& one) { return one->number == claim.stream; });
  auto deliveries = database.read([&](store::Session& session) {
    return store::nextDeliveries(session, control, claim.stream, kBatch);
  });
  std::uint32_t failures = (*claimed)->failures;
  const auto since = Clock::now();
  bool goes_on = deliveries.has_value();
  for (std::size_t i = 0; goes_on && i < deliveries->size(); ++i) {
    // An operator may have changed it meanwhile.
    const auto current = context_.catalog->current();
    const bool same = current == catalog || current->revision() == catalog->revision();
    if (stopping_ || !same || Clock::now() - since > options_.lease / 2) break;
    goes_on = deliver(sender, claim, failures, **stream, (*deliveries)[i]);
  }
  if (!goes_on && deliveries) return true;
  auto released = database.write(
      [&](store::Session& session) { return store::releaseStream(session, control, claim); });
  if (!released) noteOutage(&released.error());
  return deliveries.has_value() && released.has_value();
}

/// False when the stream is not ours any more.
bool EventWorkers::deliver(Sender& sender, const store::Claim& claim, std::uint32_t& failures,
                           const directory::EventStream& stream, const store::Delivery& delivery) {
  const auto attempt = sender.send(stream, delivery, stopping_);
  if (!attempt) {
    // With a wait, so that an event which cannot be made does not keep a thread busy.
    const Attempt unmade{Attempt::Outcome::kFailed,
                         {"not_made", "the event could not be made", false},
                         std::chrono::seconds(0)};
    noteOutage(&attempt.error());
    auto waits = settle(claim, failures, stream, delivery, unmade);
    if (!waits) noteOutage(&waits.error());
    return false;
  }
  // An attempt that we broke off says nothing about the receiver.
  if (stopping_ && attempt->outcome == Attempt::Outcome::kFailed) return true;
  auto ours = settle(claim, failures, stream, delivery, *attempt);
  if (!ours) noteOutage(&ours.error());
  return ours && *ours;
}

Result<bool> EventWorkers::settle(const store::Claim& claim, std::uint32_t& failures,
                                  const directory::EventStream& stream,
                                  const store::Delivery& delivery, const Attempt& attempt) {
  auto& database = *context_.database;
  const std::string control = database.controlSchema();
  const auto kind = static_cast<std::size_t>(stream.kind);
  if (attempt.outcome == Attempt::Outcome::kAccepted) {
    metrics_.attempted(kind, DeliveryResult::kDelivered);
    failures = 0;
    return database.write([&](store::Session& session) {
      return store::finishDelivery(session, control, claim, delivery.seq, now());
    });
  }
  const bool refused = attempt.outcome == Attempt::Outcome::kRefused;
  const bool given_up =
      !refused && attempt.failure.answered && delivery.attempts + 1 >= stream.attempts;
  if (refused || given_up) {
    failures = 0;
    metrics_.attempted(kind, refused ? DeliveryResult::kRefused : DeliveryResult::kGivenUp);
    logEvent(events::kEventDead, {{"event_stream", stream.name},
                                  {"code", attempt.failure.code},
                                  {"reason", attempt.failure.detail}});
    return database.write([&](store::Session& session) {
      return store::buryDelivery(session, control, claim, delivery.seq, attempt.failure, now());
    });
  }
  metrics_.attempted(kind, DeliveryResult::kFailed);
  // Said once when it begins: the next attempts are in the metrics and the state of the stream.
  if (failures == 0) {
    logEvent(events::kEventReceiverFails,
             {{"event_stream", stream.name}, {"reason", attempt.failure.detail}});
  }
  const auto wait =
      std::max(withChance(backOff(options_, failures + 1)),
               std::chrono::duration_cast<std::chrono::milliseconds>(attempt.retry_after));
  auto postponed = database.write([&](store::Session& session) {
    return store::postponeStream(session, control, claim, delivery.seq, attempt.failure, wait,
                                 now());
  });
  if (!postponed) return propagate(postponed);
  return false;
}

/// Said once when it begins and once when it is over.
void EventWorkers::noteOutage(const Error* error) {
  const std::lock_guard lock(mutex_);
  if (outage_ == (error != nullptr)) return;
  outage_ = error != nullptr;
  if (outage_) {
    logEvent(events::kEventsUnreadable, {{"reason", error->internal}});
  } else {
    logEvent(events::kEventsReadable);
  }
}

}  // namespace vestibule::feed
