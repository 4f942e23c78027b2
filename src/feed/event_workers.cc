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

/// False when there was nothing to be sent, or the database does not go along.
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
  Turn turn{{0, store::Lease(randomBytes(kLeaseBytes)), options_.lease}, 0};
  auto claimed = database.write([&](store::Session& session) {
    return store::claimStream(session, control, numbers, turn.claim.lease, turn.claim.lease_time);
  });
  if (!claimed || !*claimed) return false;
  turn.claim.stream = (*claimed)->stream;
  turn.failures = (*claimed)->failures;
  const auto stream =
      std::find_if(catalog->eventStreams().begin(), catalog->eventStreams().end(),
                   [&](const auto& one) { return one->number == turn.claim.stream; });
  auto deliveries = database.read([&](store::Session& session) {
    return store::nextDeliveries(session, control, turn.claim.stream, kBatch);
  });
  if (!deliveries) {
    noteOutage(&deliveries.error());
    release(turn.claim);
    return false;
  }
  const auto since = Clock::now();
  for (const auto& delivery : *deliveries) {
    // An operator may have changed it meanwhile.
    const auto current = context_.catalog->current();
    const bool same = current == catalog || current->revision() == catalog->revision();
    if (stopping_ || !same || Clock::now() - since > options_.lease / 2) break;
    const Then then = deliver(sender, turn, **stream, delivery);
    if (then != Then::kNext) return then == Then::kGivenBack;
  }
  return release(turn.claim);
}

/// False when the lease has to end by itself.
bool EventWorkers::release(const store::Claim& claim) {
  auto& database = *context_.database;
  auto released = database.write([&](store::Session& session) {
    return store::releaseStream(session, database.controlSchema(), claim);
  });
  if (!released) noteOutage(&released.error());
  return released.has_value();
}

EventWorkers::Then EventWorkers::deliver(Sender& sender, Turn& turn,
                                         const directory::EventStream& stream,
                                         const store::Delivery& delivery) {
  const auto attempt = sender.send(stream, delivery, stopping_);
  if (!attempt) {
    noteOutage(&attempt.error());
    // With a wait, so that an event which cannot be made does not keep a thread busy.
    const Attempt unmade{Attempt::Outcome::kFailed,
                         {"not_made", "the event could not be made", false},
                         std::chrono::seconds(0)};
    return settle(turn, stream, delivery, unmade);
  }
  // An attempt that we broke off says nothing about the receiver.
  if (stopping_ && attempt->outcome == Attempt::Outcome::kFailed) return Then::kNext;
  return settle(turn, stream, delivery, *attempt);
}

EventWorkers::Then EventWorkers::settle(Turn& turn, const directory::EventStream& stream,
                                        const store::Delivery& delivery, const Attempt& attempt) {
  auto& database = *context_.database;
  const std::string control = database.controlSchema();
  const auto kind = static_cast<std::size_t>(stream.kind);
  if (attempt.outcome == Attempt::Outcome::kAccepted) {
    metrics_.attempted(kind, DeliveryResult::kDelivered);
    turn.failures = 0;
    return ended(database.write([&](store::Session& session) {
      return store::finishDelivery(session, control, turn.claim, delivery.seq, now());
    }));
  }
  const bool refused = attempt.outcome == Attempt::Outcome::kRefused;
  const bool given_up =
      !refused && attempt.failure.answered && delivery.attempts + 1 >= stream.attempts;
  if (!refused && !given_up) return postpone(turn, stream, delivery, attempt);
  metrics_.attempted(kind, refused ? DeliveryResult::kRefused : DeliveryResult::kGivenUp);
  turn.failures = 0;
  logEvent(events::kEventDead, {{"event_stream", stream.name},
                                {"code", attempt.failure.code},
                                {"reason", attempt.failure.detail}});
  return ended(database.write([&](store::Session& session) {
    return store::buryDelivery(session, control, turn.claim, delivery.seq, attempt.failure, now());
  }));
}

EventWorkers::Then EventWorkers::postpone(const Turn& turn, const directory::EventStream& stream,
                                          const store::Delivery& delivery, const Attempt& attempt) {
  metrics_.attempted(static_cast<std::size_t>(stream.kind), DeliveryResult::kFailed);
  // Said once when it begins: the next attempts are in the metrics and the state of the stream.
  if (turn.failures == 0) {
    logEvent(events::kEventReceiverFails,
             {{"event_stream", stream.name}, {"reason", attempt.failure.detail}});
  }
  auto wait = std::max(withChance(backOff(options_, turn.failures + 1)),
                       std::chrono::duration_cast<std::chrono::milliseconds>(attempt.retry_after));
  // What became of former settings says nothing about those of now.
  const auto current = context_.catalog->current()->findEventStream(stream.name);
  if (current != nullptr && current->version != stream.version) wait = wait.zero();
  auto& database = *context_.database;
  auto postponed = database.write([&](store::Session& session) {
    return store::postponeStream(session, database.controlSchema(), turn.claim, delivery.seq,
                                 attempt.failure, wait, now());
  });
  if (postponed) return Then::kGivenBack;
  noteOutage(&postponed.error());
  return Then::kLost;
}

/// Behind the end of a delivery.
EventWorkers::Then EventWorkers::ended(const Result<bool>& is_ours) {
  if (!is_ours) noteOutage(&is_ours.error());
  return is_ours && *is_ours ? Then::kNext : Then::kLost;
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
