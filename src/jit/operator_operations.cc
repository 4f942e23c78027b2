#include "jit/operator_operations.h"

#include <array>

#include "base/clock.h"
#include "jit/operations.h"

namespace vestibule::jit {
namespace {

using store::OperationState;

constexpr std::array kStates{OperationState::kQueued, OperationState::kRunning,
                             OperationState::kDead, OperationState::kDone};

tl::unexpected<Error> none() { return failure(ErrorKind::kNotFound, "there is no such operation"); }

Result<std::optional<store::Operation>> find(const directory::Context& context,
                                             std::string_view id) {
  const auto parsed = parseOperationId(id);
  if (!parsed) return std::optional<store::Operation>();
  auto& database = *context.database;
  return database.read([&](store::Session& session) {
    return store::findOperation(session, database.controlSchema(), *parsed);
  });
}

}  // namespace

json::Object describe(const store::Operation& operation) {
  const bool waits = operation.state == OperationState::kQueued;
  json::Object shown{{"id", textOf(operation.id)},
                     {"state", nameOf(operation.state)},
                     {"identityProvider", operation.identity_provider},
                     {"subject", operation.subject.value()},
                     {"attempts", unsigned{operation.attempts}},
                     {"created", formatTimestamp(operation.created)}};
  if (waits) shown.set("due", formatTimestamp(operation.due));
  if (operation.finished) shown.set("finished", formatTimestamp(*operation.finished));
  if (operation.outcome) shown.set("outcome", *operation.outcome);
  if (operation.user) shown.set("user", operation.user->text());
  if (!operation.code.empty()) shown.set("code", operation.code);
  if (!operation.detail.empty()) shown.set("detail", operation.detail);
  shown.set("correlationId", operation.correlation_id);
  return shown;
}

Result<OperationState> parseOperationState(std::string_view text) {
  for (const auto state : kStates) {
    if (text == nameOf(state)) return state;
  }
  return failure(ErrorKind::kInvalidValue, "state is one of queued, running, dead, done", "state");
}

Result<std::vector<store::Operation>> listOperations(const directory::Context& context,
                                                     OperationState state, std::string_view after,
                                                     std::uint64_t limit) {
  store::OperationPlace place;
  if (!after.empty()) {
    auto found = find(context, after);
    if (!found) return propagate(found);
    if (!*found) {
      return failure(ErrorKind::kInvalidValue, "after names an operation that is gone", "after");
    }
    place = {(*found)->due, (*found)->seq};
  }
  auto& database = *context.database;
  return database.read([&](store::Session& session) {
    return store::listOperations(session, database.controlSchema(), state, place, limit);
  });
}

Result<store::Operation> getOperation(const directory::Context& context, std::string_view id) {
  auto found = find(context, id);
  if (!found) return propagate(found);
  if (!*found) return none();
  return **std::move(found);
}

Result<store::Operation> retryOperation(const directory::Context& context, std::string_view id) {
  const auto parsed = parseOperationId(id);
  if (!parsed) return none();
  auto& database = *context.database;
  auto retried = database.write([&](store::Session& session) {
    return store::retryOperation(session, database.controlSchema(), *parsed);
  });
  if (!retried) return propagate(retried);
  switch (*retried) {
    case store::Retry::kQueued:
      return getOperation(context, id);
    case store::Retry::kNotDead:
      return failure(ErrorKind::kConflict, "the operation is not dead: there is nothing to retry");
    case store::Retry::kSuperseded:
      return failure(ErrorKind::kConflict,
                     "a later provision of the same subject is done, and this one would put back "
                     "what was before: drop it");
    case store::Retry::kNone:
      break;
  }
  return none();
}

Result<void> dropOperation(const directory::Context& context, std::string_view id) {
  auto found = getOperation(context, id);
  if (!found) return propagate(found);
  auto& database = *context.database;
  auto dropped = database.write([&](store::Session& session) {
    return store::dropOperation(session, database.controlSchema(), found->id);
  });
  if (!dropped) return propagate(dropped);
  if (*dropped) return {};
  return failure(ErrorKind::kConflict, "only what is dead or queued can be dropped");
}

}  // namespace vestibule::jit
