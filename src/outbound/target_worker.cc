#include "outbound/target_worker.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "jose/authorization.h"
#include "outbound/http_transport.h"

namespace vestibule::outbound {
namespace {

/// Resources that one look claims: few, so that threads of other servers get theirs.
constexpr std::uint64_t kClaim = 16;
/// How much longer than the target rests the resource waits that had it rest, at most.
constexpr std::chrono::milliseconds kMostBehindRest = std::chrono::minutes(1);
/// Rows that are marked in one transaction.
constexpr std::uint64_t kPiece = 1'000;
/// Requests that one user or group can take, members apart, and one to spare.
constexpr int kMostRequests = 6;
constexpr std::chrono::seconds kShortestLease{10};
/// How often it is tried again where a name is another's there: whoever has it may only be still to
/// be renamed. With the waits between them about 20 minutes.
constexpr std::uint32_t kTakenAttempts = 8;

std::chrono::seconds leaseOf(const Target& target) {
  const bool has_tokens = target.authentication == Authentication::kClientCredentials;
  return std::max(kShortestLease,
                  kMostRequests * (has_tokens ? kMostExchanges : 1) * target.timeout);
}

/// The places of outcomeLabel.
enum class Outcome : std::size_t { kSent, kUnchanged, kPostponed, kFailed };

Outcome outcomeOf(const Delivery& delivery, std::uint32_t attempts) {
  switch (delivery.verdict) {
    case Verdict::kDone:
      return delivery.step == Step::kNothing ? Outcome::kUnchanged : Outcome::kSent;
    case Verdict::kRetry:
    case Verdict::kPause:
      return Outcome::kPostponed;
    case Verdict::kTaken:
      return attempts <= kTakenAttempts ? Outcome::kPostponed : Outcome::kFailed;
    case Verdict::kFailed:
      break;
  }
  return Outcome::kFailed;
}

double chance() {
  std::uint32_t bits = 0;
  fillRandom(&bits, sizeof bits);
  return static_cast<double>(bits) / UINT32_MAX;
}

/// A look that our own database stopped.
Delivery interrupted(const Error& error) {
  Delivery delivery;
  delivery.verdict = error.kind == ErrorKind::kInvalidValue ? Verdict::kFailed : Verdict::kRetry;
  delivery.fault.detail = error.kind == ErrorKind::kInvalidValue
                              ? "mapping: " + printable(error.detail, 500)
                              : "the database could not be read";
  return delivery;
}

std::string bytesOf(const store::OutboundClaim& claim) {
  return claim.resource ? std::string(claim.resource->bytes()) : std::string(16, '\0');
}

/// Those that are in one of the two and not in the other.
std::vector<ResourceId> differing(std::vector<ResourceId> left, std::vector<ResourceId> right) {
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  std::vector<ResourceId> different;
  std::set_symmetric_difference(left.begin(), left.end(), right.begin(), right.end(),
                                std::back_inserter(different));
  return different;
}

}  // namespace

Label outcomeLabel() { return {"outcome", {"sent", "unchanged", "postponed", "failed"}}; }

TargetWorker::TargetWorker(const directory::Context& context, BoundTarget bound,
                           const WorkerOptions& options, Transport transport)
    : context_(context),
      bound_(std::move(bound)),
      options_(options),
      lease_(leaseOf(bound_.target)),
      transport_(std::move(transport)) {
  if (!transport_) transport_ = connect();
  thread_ = std::thread([this] { work(); });
}

TargetWorker::~TargetWorker() {
  askToStop();
  thread_.join();
}

void TargetWorker::askToStop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
}

void TargetWorker::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

Transport TargetWorker::connect() const {
  const Target& target = bound_.target;
  HttpTransportOptions options;
  options.ca_file = target.ca_file;
  options.total_limit = target.timeout;
  const std::string& secret = bound_.row.text.secret;
  switch (target.authentication) {
    case Authentication::kNone:
      break;
    case Authentication::kBearer:
      options.authorization = jose::bearerAuthorization(secret);
      break;
    case Authentication::kBasic:
      options.authorization = jose::basicAuthorization(target.user_name, secret);
      break;
    case Authentication::kClientCredentials:
      options.token = std::make_unique<AccessToken>(target.token_endpoint, secret);
      break;
  }
  return httpTransport(std::move(options), stopping_);
}

void TargetWorker::work() {
  ScimClient remote(bound_.target.base_url, transport_);
  while (!stopping_) {
    const bool rests = Clock::now() < rests_until_;
    if (!rests && runSome(remote)) continue;
    std::unique_lock lock(mutex_);
    const auto until = rests ? rests_until_ : Clock::now() + options_.poll;
    changed_.wait_until(lock, until,
                        [&] { return stopping_ || (woken_ && Clock::now() >= rests_until_); });
    woken_ = false;
  }
}

/// False when there was nothing to be done, or the marks could not be read.
bool TargetWorker::runSome(ScimClient& remote) {
  auto& database = *context_.database;
  const store::Lease lease(randomBytes(16));
  claimed_ = Clock::now();
  auto claimed = database.write([&](store::Session& session) {
    return store::claimOutbound(session, database.controlSchema(), bound_.row.number, lease, lease_,
                                // A target that rested is asked for one: others keep their place.
                                failures_ > 0 ? 1 : kClaim);
  });
  noteOutage(claimed ? nullptr : &claimed.error());
  catalog_read_ = false;
  if (!claimed || claimed->empty()) return false;
  // Users come first: groups can only tell of members that the target has.
  std::stable_sort(claimed->begin(), claimed->end(), [](const auto& left, const auto& right) {
    const auto is_group = [](const store::OutboundClaim& claim) {
      return claim.resource && claim.resource->kind() == ResourceKind::kGroup;
    };
    return is_group(left) < is_group(right);
  });
  std::vector<std::string> left;
  for (const auto& claim : *claimed) {
    // What has waited for half of the lease might not end within the other half.
    const bool late = Clock::now() - claimed_ > lease_ / 2;
    if (stopping_ || late || Clock::now() < rests_until_) {
      left.push_back(bytesOf(claim));
      continue;
    }
    look(remote, claim, lease);
    if (options_.looked) options_.looked();
  }
  if (left.empty()) return true;
  auto released = database.write([&](store::Session& session) {
    return store::releaseOutbound(session, database.controlSchema(), bound_.row.number, lease,
                                  left);
  });
  if (!released) noteOutage(&released.error());
  return true;
}

void TargetWorker::look(ScimClient& remote, const store::OutboundClaim& claim,
                        const store::Lease& lease) {
  const store::OutboundTurn turn{bound_.row.number, bytesOf(claim), claim.generation, lease};
  std::vector<ResourceId> mark;
  Delivery delivery;
  if (!claim.resource) {
    delivery = markEverything(turn);
  } else if (claim.resource->kind() == ResourceKind::kUser) {
    delivery = lookAtUser(remote, claim, mark);
  } else {
    delivery = lookAtGroup(remote, claim);
  }
  settle(claim, turn, delivery, std::move(mark));
}

Delivery TargetWorker::markEverything(const store::OutboundTurn& turn) {
  auto& database = *context_.database;
  auto extended = claimed_;
  const auto marked = markInPieces([&]() -> Result<bool> {
    if (stopping_) return false;
    // Millions of rows take longer than any lease; another server would begin from the start.
    const auto moment = Clock::now();
    if (moment - extended < lease_ / 3) return true;
    extended = moment;
    return database.write([&](store::Session& session) {
      return store::extendOutbound(session, database.controlSchema(), turn, lease_);
    });
  });
  if (!marked) return interrupted(marked.error());
  Delivery delivery;
  if (*marked) return delivery;
  delivery.verdict = Verdict::kRetry;
  delivery.goes_on = true;
  delivery.fault.detail = "not everything is marked yet";
  return delivery;
}

/// Marks everything of the target. False when `go_on` ended it.
Result<bool> TargetWorker::markInPieces(const store::GoOn& go_on) {
  auto& database = *context_.database;
  const auto catalog = context_.catalog->current();
  for (const auto& domain : catalog->domains()) {
    if (!bound_.row.takes(domain->tables().number)) continue;
    auto marked = store::markDomain(database, domain->tables(), bound_.row.number, kPiece, go_on);
    if (!marked || !*marked) return marked;
  }
  return store::markLinked(database, bound_.row.number, kPiece, go_on);
}

Result<std::shared_ptr<const directory::Catalog>> TargetWorker::catalogWith(DomainNumber domain) {
  auto catalog = context_.catalog->current();
  if (catalog_read_ || !bound_.row.takes(domain) || catalog->findDomain(domain) != nullptr) {
    return catalog;
  }
  // Another server may have made it a moment ago. It did so before it marked anything of it, so one
  // reading behind a claim stands for all that was claimed.
  if (auto read = context_.catalog->refresh(); !read) return propagate(read);
  catalog_read_ = true;
  return context_.catalog->current();
}

Reserve TargetWorker::reserveFor(const ResourceId& resource) const {
  return [this, resource](const std::string& remote_id) {
    auto& database = *context_.database;
    return database.write([&](store::Session& session) {
      return store::reserveOutboundLink(session, database.controlSchema(), bound_.row.number,
                                        resource, remote_id, now());
    });
  };
}

Delivery TargetWorker::lookAtUser(ScimClient& remote, const store::OutboundClaim& claim,
                                  std::vector<ResourceId>& mark) {
  const auto catalog = catalogWith(claim.resource->domain());
  if (!catalog) return interrupted(catalog.error());
  auto local = readUser(context_, **catalog, bound_, *claim.resource);
  if (!local) return interrupted(local.error());
  auto delivery =
      deliverUser(bound_.target, remote, local->payload, claim.link, reserveFor(*claim.resource));
  if (delivery.verdict != Verdict::kDone || !bound_.target.sendsGroups()) return delivery;
  std::vector<ResourceId> told;
  if (!delivery.forget_link) {
    auto& database = *context_.database;
    auto sent = database.read([&](store::Session& session) {
      return store::sentGroupsOfUser(session, database.controlSchema(), bound_.row.number,
                                     *claim.resource);
    });
    if (!sent) return interrupted(sent.error());
    told = *std::move(sent);
  }
  mark = differing(std::move(local->groups), std::move(told));
  return delivery;
}

Delivery TargetWorker::lookAtGroup(ScimClient& remote, const store::OutboundClaim& claim) {
  auto& database = *context_.database;
  const auto catalog = catalogWith(claim.resource->domain());
  if (!catalog) return interrupted(catalog.error());
  const auto* domain = bound_.row.takes(claim.resource->domain())
                           ? (*catalog)->findDomain(claim.resource->domain())
                           : nullptr;
  if (domain != nullptr && !bound_.target.member_of_keys.empty()) {
    auto marked = database.write([&](store::Session& session) {
      return store::markScopeOfGroup(session, database.controlSchema(), domain->tables(),
                                     bound_.row.number, *claim.resource,
                                     bound_.target.member_of_keys);
    });
    if (!marked) return interrupted(marked.error());
  }
  auto local = readGroup(context_, **catalog, bound_, *claim.resource);
  if (!local) return interrupted(local.error());
  auto delivery =
      deliverGroup(bound_.target, remote, local->payload, claim.link, reserveFor(*claim.resource));
  if (delivery.verdict != Verdict::kDone || !local->payload || domain == nullptr) return delivery;
  const auto& link = delivery.link ? delivery.link : claim.link;
  auto told = tellMembers(remote, *domain, *claim.resource, link->remote_id);
  if (told.verdict != Verdict::kDone) return told;
  if (delivery.step == Step::kNothing) delivery.step = told.step;
  return delivery;
}

Delivery TargetWorker::tellMembers(ScimClient& remote, const directory::Domain& domain,
                                   const ResourceId& group, const std::string& remote_id) {
  auto& database = *context_.database;
  Delivery all;
  // Others get their turn, and the lease holds for one more pair of requests.
  const auto until = claimed_ + lease_ * 2 / 3;
  const auto in_time = [&] { return !stopping_ && Clock::now() < until; };
  while (in_time()) {
    auto difference = database.read([&](store::Session& session) {
      return store::diffMembers(session, database.controlSchema(), domain.tables(),
                                bound_.row.number, group, kMembersPerRequest);
    });
    if (!difference) return interrupted(difference.error());
    if (difference->add.empty() && difference->remove.empty()) return all;
    auto told = deliverMembers(remote, remote_id, *difference, in_time);
    if (told.verdict != Verdict::kDone) return told;
    all.step = Step::kUpdate;
    auto noted = database.write([&](store::Session& session) {
      return store::noteSentMembers(session, database.controlSchema(), bound_.row.number, group,
                                    *difference);
    });
    if (!noted) return interrupted(noted.error());
  }
  all.verdict = Verdict::kRetry;
  all.goes_on = true;
  all.fault.detail = "more members are still to be sent";
  return all;
}

void TargetWorker::settle(const store::OutboundClaim& claim, const store::OutboundTurn& turn,
                          const Delivery& delivery, std::vector<ResourceId> mark) {
  auto& database = *context_.database;
  const auto control = database.controlSchema();
  // Whoever gave a resource back because it stops has not tried it.
  if (stopping_ && delivery.verdict == Verdict::kPause) {
    auto released = database.write([&](store::Session& session) {
      return store::releaseOutbound(session, control, turn.target, turn.lease, {turn.resource});
    });
    if (!released) noteOutage(&released.error());
    return;
  }
  const Outcome outcome = outcomeOf(delivery, claim.attempts);
  std::chrono::milliseconds pause{0};
  std::chrono::milliseconds wait{0};
  if (delivery.verdict == Verdict::kPause) {
    // It waits past the rest, so that another one is the next try: what gets no answer may be this
    // one alone.
    pause = pauseDelay(failures_ + 1, delivery.retry_after, chance());
    wait = pause + std::min(pause, kMostBehindRest);
  } else if (!delivery.goes_on) {
    wait = retryDelay(claim.attempts, chance());
  }
  const store::OutboundEnd end{turn, delivery.link, delivery.forget_link, std::move(mark)};
  // Run again behind a deadlock: it changes nothing of ours.
  auto stored = database.write([&](store::Session& session) -> Result<void> {
    switch (outcome) {
      case Outcome::kSent:
      case Outcome::kUnchanged:
        return store::finishOutbound(session, control, end, now());
      case Outcome::kPostponed:
        return store::postponeOutbound(session, control, turn, delivery.fault, wait);
      case Outcome::kFailed:
        return store::failOutbound(session, control, turn, delivery.fault);
    }
    return {};
  });
  if (!stored) {
    // The lease ends, and somebody looks again.
    noteOutage(&stored.error());
    return;
  }
  if (options_.outcomes != nullptr) options_.outcomes->add(static_cast<std::size_t>(outcome));
  if (delivery.verdict == Verdict::kPause) {
    rest(delivery, pause);
  } else if (outcome == Outcome::kSent && failures_ > 0) {
    failures_ = 0;
    logEvent(events::kOutboundTargetBack, {{"target", bound_.row.name}});
  }
  if (outcome == Outcome::kFailed) {
    logEvent(events::kOutboundFailed, {{"target", bound_.row.name},
                                       {"resource", claim.resource ? claim.resource->text() : "-"},
                                       {"reason", delivery.fault.detail}});
  }
}

void TargetWorker::rest(const Delivery& delivery, std::chrono::milliseconds pause) {
  ++failures_;
  rests_until_ = Clock::now() + pause;
  if (failures_ == 1) {
    logEvent(events::kOutboundTargetAway,
             {{"target", bound_.row.name}, {"reason", delivery.fault.detail}});
  }
}

/// Said once when it begins and once when it is over.
void TargetWorker::noteOutage(const Error* error) {
  if (outage_ == (error != nullptr)) return;
  outage_ = error != nullptr;
  if (outage_) {
    logEvent(events::kOutboundUnreadable,
             {{"target", bound_.row.name}, {"reason", error->internal}});
  } else {
    logEvent(events::kOutboundReadable, {{"target", bound_.row.name}});
  }
}

}  // namespace vestibule::outbound
