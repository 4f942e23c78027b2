#include "outbound/waits.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "outbound/targets.h"
#include "store/audit_store.h"
#include "store/outbound_store.h"

namespace vestibule::outbound {
namespace {

/// How often is looked for what other servers have sent.
constexpr std::chrono::milliseconds kPoll{100};

}  // namespace

std::string_view nameOf(Settled::State state) {
  switch (state) {
    case Settled::State::kDone:
      break;
    case Settled::State::kWaiting:
      return "waiting";
    case Settled::State::kFailed:
      return "failed";
  }
  return "done";
}

std::vector<Waits::Blocker> Waits::blockersOf(const directory::Catalog& catalog,
                                              const directory::Domain& domain) {
  std::vector<Blocker> blockers;
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  for (const auto& row : catalog.outboundTargets()) {
    const auto& of_domain = domain.outbound_targets;
    if (std::find(of_domain.begin(), of_domain.end(), row.number) == of_domain.end()) continue;
    auto& known = known_[row.number];
    if (known.version != row.version) {
      // Settings that cannot be used block nobody: nothing is sent by them.
      const auto target = compileStored(context_, row);
      known = {row.version, target ? target->blocking : Blocking()};
    }
    if (!known.blocking.enabled) continue;
    Blocker blocker;
    blocker.number = row.number;
    blocker.deadline = now + known.blocking.limit;
    blocker.settled.target = row.name;
    blocker.settled.state = Settled::State::kWaiting;
    blocker.failure_is_error = known.blocking.failure_is_error;
    blockers.push_back(std::move(blocker));
  }
  return blockers;
}

void Waits::update(std::vector<Blocker>& blockers, const ResourceId& resource) const {
  std::vector<store::OutboundTargetNumber> numbers;
  numbers.reserve(blockers.size());
  for (const auto& blocker : blockers) numbers.push_back(blocker.number);
  auto& database = *context_.database;
  auto pending = database.read([&](store::Session& session) {
    return store::pendingTargets(session, database.controlSchema(), resource, numbers);
  });
  if (!pending) return;
  for (auto& blocker : blockers) {
    const auto mark = std::find_if(pending->begin(), pending->end(),
                                   [&](const auto& one) { return one.target == blocker.number; });
    auto& settled = blocker.settled;
    if (mark == pending->end()) {
      settled.state = Settled::State::kDone;
      settled.detail.clear();
      continue;
    }
    settled.state = mark->state == store::MarkState::kFailed ? Settled::State::kFailed
                                                             : Settled::State::kWaiting;
    settled.detail = mark->last.detail;
  }
}

std::vector<Settled> Waits::settle(const ResourceId& resource, const std::string& correlation_id) {
  const auto catalog = context_.catalog->current();
  const auto* domain = catalog->findDomain(resource.domain());
  if (domain == nullptr || domain->outbound_targets.empty()) return {};
  if (wake_) wake_();
  auto blockers = blockersOf(*catalog, *domain);
  if (blockers.empty()) return {};

  std::unique_lock lock(mutex_);
  const bool may_wait = waiting_ < most_;
  if (may_wait) ++waiting_;
  for (;;) {
    const auto looks = looks_;
    const bool stopping = stopping_;
    lock.unlock();
    update(blockers, resource);
    const auto now = Clock::now();
    auto until = now;
    for (const auto& blocker : blockers) {
      if (blocker.settled.state == Settled::State::kWaiting) {
        until = std::max(until, blocker.deadline);
      }
    }
    lock.lock();
    if (!may_wait || stopping || until <= now) break;
    changed_.wait_until(lock, std::min(until, now + kPoll),
                        [&] { return stopping_ || looks_ != looks; });
  }
  if (may_wait) --waiting_;
  lock.unlock();

  std::vector<Settled> all;
  for (auto& blocker : blockers) {
    blocker.settled.is_error =
        blocker.failure_is_error && blocker.settled.state != Settled::State::kDone;
    all.push_back(std::move(blocker.settled));
  }
  record(all, *domain, resource, correlation_id);
  return all;
}

void Waits::record(const std::vector<Settled>& all, const directory::Domain& domain,
                   const ResourceId& resource, const std::string& correlation_id) const {
  auto& database = *context_.database;
  for (const auto& settled : all) {
    if (settled.state == Settled::State::kDone) continue;
    store::AuditEvent event;
    event.occurred = now();
    event.correlation_id = correlation_id;
    event.action = "outbound.not_sent";
    event.actor_name = "vestibule";
    event.domain = store::AuditDomain{domain.tables().number, domain.name()};
    event.resource = resource;
    event.target = settled.target;
    event.code = nameOf(settled.state);
    auto stored = database.write([&](store::Session& session) {
      return store::insertAuditEvent(session, database.controlSchema(), event);
    });
    if (!stored) {
      logEvent(events::kOutboundUnreadable,
               {{"target", settled.target}, {"reason", stored.error().internal}});
    }
  }
}

void Waits::look() {
  {
    const std::lock_guard lock(mutex_);
    ++looks_;
  }
  changed_.notify_all();
}

void Waits::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
}

}  // namespace vestibule::outbound
