#include "jit/operations.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "jit/codes.h"
#include "jit/id_token.h"
#include "jit/kept_decisions.h"
#include "jit/login_checks.h"
#include "jit/operation_keys.h"
#include "jit/waiting_login.h"
#include "json/write.h"

namespace vestibule::jit {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kIdBytes = 16;
/// Bytes of the column `detail`, whatever the letters are.
constexpr std::size_t kDetailBytes = 1'000;

store::NewOperation rowOf(const directory::Principal& principal, const OperationRequest& asked) {
  store::NewOperation row;
  row.id = store::OperationId(randomBytes(kIdBytes));
  row.lane = laneOf(asked.request.identity_provider, asked.request.subject);
  row.token_id = principal.token_id;
  if (asked.key) row.key_digest = keyDigestOf(principal.token_id, *asked.key);
  row.request_digest = asked.body_digest;
  row.identity_provider = asked.request.identity_provider;
  row.subject = asked.request.subject;
  row.correlation_id = asked.request.correlation_id;
  row.request = writeWaitingLogin(asked.request, principal);
  return row;
}

/// Stores the row, or finds the one that has its key.
Result<BegunOperation> insertOrFind(const directory::Context& context,
                                    const directory::Principal& principal,
                                    const OperationRequest& asked,
                                    const std::optional<microseconds>& lease_time) {
  auto& database = *context.database;
  const auto row = rowOf(principal, asked);
  std::optional<store::Lease> lease;
  if (lease_time) lease.emplace(randomBytes(kIdBytes));
  auto inserted = database.write([&](store::Session& session) {
    return store::insertOperation(
        session, database.controlSchema(), row,
        lease ? std::optional(std::pair(*lease, *lease_time)) : std::nullopt, now());
  });
  const bool taken = !inserted && inserted.error().kind == ErrorKind::kUniqueness &&
                     inserted.error().attribute == "key";
  if (!inserted && !taken) return propagate(inserted);
  auto found = database.read([&](store::Session& session) {
    return taken ? store::findOperationByKey(session, database.controlSchema(), *row.key_digest)
                 : store::findOperation(session, database.controlSchema(), row.id);
  });
  if (!found) return propagate(found);
  if (!*found) {
    return failure(ErrorKind::kUnavailable, "the operation of this key has just been removed");
  }
  if (taken && (*found)->request_digest != asked.body_digest) {
    return refusal(kKeyReused, "the Idempotency-Key came with another request before",
                   "Idempotency-Key");
  }
  return BegunOperation{**std::move(found), taken ? std::nullopt : lease};
}

/// Doubled with each attempt, and up to a quarter off, so that what failed together does not come
/// back together.
microseconds waitAfter(unsigned attempts, const OperationSettings& settings) {
  auto wait = settings.first_wait;
  for (unsigned i = 1; i < attempts && wait < settings.longest_wait; ++i) wait *= 2;
  wait = std::min(wait, settings.longest_wait);
  constexpr int kSteps = 256;
  const auto step = static_cast<unsigned char>(randomBytes(1).front());
  return wait - wait / 4 * step / kSteps;
}

/// Stores how an operation ended.
class Settling {
  // First: what it returns has to be known where it is called.
  template <typename Write>
  auto write(Write&& what) {
    return database_.write(
        [&](store::Session& session) { return what(session, database_.controlSchema()); });
  }

 public:
  Settling(const directory::Context& context, const store::Operation& operation,
           const store::Lease& lease, const OperationSettings& settings)
      : database_(*context.database), operation_(operation), settings_(settings) {
    end_.seq = operation.seq;
    end_.lease = lease;
    end_.keep = settings.keep;
  }

  void done(const Provisioned& done) {
    if (done.end_is_stored) return;
    end_.outcome = nameOf(done.outcome);
    if (done.domain != nullptr) {
      end_.domain = done.domain->tables().number;
      end_.groups = json::write(describe(done.groups));
    }
    if (done.user) end_.user = done.user->resource.meta.id;
    finish();
  }

  /// Whoever repeats the request gets another prompt: the ticket of the first is kept nowhere.
  void asked() { forget(); }

  void refused(const Error& error) {
    end_.outcome = nameOf(Outcome::kRefused);
    explain(error);
    finish();
  }

  void failed(const Error& error, OnOutage on_outage) {
    if (error.code == kTakenOver.code) return logLost();
    explain(error);
    if (on_outage == OnOutage::kForget) return forget();
    if (operation_.attempts >= settings_.attempts) return bury();
    const auto wait = waitAfter(operation_.attempts, settings_);
    logEvent(
        events::kOperationPostponed,
        {{"operation", textOf(operation_.id)},
         {"attempt", operation_.attempts},
         {"attempts", settings_.attempts},
         {"code", error.code},
         {"milliseconds", std::chrono::duration_cast<std::chrono::milliseconds>(wait).count()}});
    auto postponed = write([&](store::Session& session, const std::string& control) {
      return store::postponeOperation(session, control, end_, wait);
    });
    if (!postponed) logFailure("postponed", postponed.error());
  }

  void unreadable(const Error& error) {
    explain(error);
    bury();
  }

 private:
  void forget() {
    auto forgotten = write([&](store::Session& session, const std::string& control) {
      return store::forgetOperation(session, control, end_.seq, end_.lease);
    });
    if (!forgotten) logFailure("forgotten", forgotten.error());
  }

  void finish() {
    auto finished = write([&](store::Session& session, const std::string& control) {
      return store::finishOperation(session, control, end_, now());
    });
    if (!finished) return logFailure("ended", finished.error());
    if (!*finished) logLost();
  }

  void bury() {
    logEvent(events::kOperationDead, {{"operation", textOf(operation_.id)},
                                      {"attempts", operation_.attempts},
                                      {"code", end_.code}});
    auto buried = write([&](store::Session& session, const std::string& control) {
      return store::buryOperation(session, control, end_, now());
    });
    if (!buried) return logFailure("given up", buried.error());
    if (!*buried) logLost();
  }

  void explain(const Error& error) {
    end_.code = error.code;
    end_.detail = printable(error.detail, kDetailBytes);
  }

  void logFailure(std::string_view what, const Error& error) const {
    logEvent(events::kOperationUnsettled,
             {{"operation", textOf(operation_.id)}, {"end", what}, {"reason", error.internal}});
  }
  void logLost() const { logEvent(events::kOperationLost, {{"operation", textOf(operation_.id)}}); }

  store::Database& database_;
  const store::Operation& operation_;
  const OperationSettings& settings_;
  store::OperationEnd end_;
};

}  // namespace

Result<ProvisionRequest> accept(const IdentityProvider& provider, const ProvisionRequest& request) {
  if (auto enabled = requireEnabled(provider); !enabled) return propagate(enabled);
  Trace unread;
  auto verified = takeIdToken(provider, request, now(), unread);
  if (!verified) return propagate(verified);
  ProvisionRequest accepted = *verified ? **std::move(verified) : request;
  if (auto usable = checkSubject(accepted.subject); !usable) return propagate(usable);
  return accepted;
}

Result<std::optional<store::Operation>> findKnown(const directory::Context& context,
                                                  const directory::Principal& principal,
                                                  std::string_view key,
                                                  std::string_view body_digest) {
  auto& database = *context.database;
  const auto digest = keyDigestOf(principal.token_id, key);
  auto found = database.read([&](store::Session& session) {
    return store::findOperationByKey(session, database.controlSchema(), digest);
  });
  if (found && *found && (*found)->request_digest != body_digest) found->reset();
  return found;
}

Result<store::Operation> queueOperation(const directory::Context& context,
                                        const directory::Principal& principal,
                                        const OperationRequest& asked) {
  auto begun = insertOrFind(context, principal, asked, std::nullopt);
  if (!begun) return propagate(begun);
  return std::move(begun->operation);
}

Result<BegunOperation> beginOperation(const directory::Context& context,
                                      const directory::Principal& principal,
                                      const OperationRequest& asked,
                                      const OperationSettings& settings) {
  return insertOrFind(context, principal, asked, settings.lease);
}

ProvisionResult runOperation(const directory::Context& context, const IdentityProviders& providers,
                             const store::Operation& operation, const store::Lease& lease,
                             const OperationSettings& settings, OnOutage on_outage) {
  const LogScope scope = LogScope::within(operation.correlation_id);
  Settling settling(context, operation, lease, settings);
  auto queued = readWaitingLogin(operation);
  if (!queued) {
    queued.error().code = kUnexpected.code;
    logEvent(events::kOperationUnreadable,
             {{"operation", textOf(operation.id)}, {"reason", queued.error().internal}});
    settling.unreadable(queued.error());
    return {propagate(queued), OnFailure::kRefuse, Trace(), operation.subject};
  }
  queued->request.operation.emplace();
  queued->request.operation->seq = operation.seq;
  queued->request.operation->lease = lease;
  queued->request.operation->keep = settings.keep;
  const bool comes_again = queued->request.can_ask;
  queued->request.can_ask = on_outage == OnOutage::kForget;
  auto result = provision(context, providers, queued->principal, queued->request);
  // Whose server ended under it comes again as well, and can be asked then.
  const bool is_to_be_asked =
      result.decision ? result.decision->outcome == Outcome::kPrompt
                      : comes_again && result.decision.error().code == kPromptNeeded.code;
  if (is_to_be_asked) {
    settling.asked();
  } else if (result.decision) {
    settling.done(*result.decision);
  } else if (isOutage(result.decision.error())) {
    settling.failed(result.decision.error(), on_outage);
  } else {
    settling.refused(result.decision.error());
  }
  return result;
}

Result<store::Operation> findOperation(const directory::Context& context,
                                       const directory::Principal& principal, std::string_view id) {
  const auto parsed = parseOperationId(id);
  if (!parsed) return refusal(kNoOperation, "there is no such operation");
  auto& database = *context.database;
  auto found = database.read([&](store::Session& session) {
    return store::findOperation(session, database.controlSchema(), *parsed);
  });
  if (!found) return propagate(found);
  const bool visible =
      *found && (principal.all_domains || (*found)->token_id == principal.token_id);
  if (!visible) return refusal(kNoOperation, "there is no such operation");
  return **std::move(found);
}

std::string textOf(const store::OperationId& id) { return toHex(id.value()); }

std::optional<store::OperationId> parseOperationId(std::string_view text) {
  if (text.size() != 2 * kIdBytes) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hexDigit(text[i]);
    const int low = hexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return store::OperationId(std::move(bytes));
}

std::string_view nameOf(store::OperationState state) {
  switch (state) {
    case store::OperationState::kQueued:
      return "queued";
    case store::OperationState::kRunning:
      return "running";
    case store::OperationState::kDead:
      return "dead";
    case store::OperationState::kDone:
      break;
  }
  return "done";
}

}  // namespace vestibule::jit
