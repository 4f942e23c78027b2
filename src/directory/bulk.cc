#include "directory/bulk.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "directory/resource_actions.h"
#include "scim/bulk/plan.h"
#include "scim/bulk/references.h"
#include "scim/message.h"

namespace vestibule::directory {
namespace {

/// So many operations in a row that found no database are an outage: the next one would wait for
/// nothing as long as they did.
constexpr unsigned kOutage = 3;

/// Shows the id alone, which costs the least: a bulk answers no resources.
scim::Projection idOnly(const Context& context, const scim::ResourceType& type) {
  auto projection = scim::Projection::parse(*context.registry, type, {"id"}, {});
  return projection ? *std::move(projection) : scim::Projection();
}

Preconditions preconditionsOf(const scim::BulkOperation& operation) {
  Preconditions preconditions;
  if (!operation.version) return preconditions;
  preconditions.has_if_match = true;
  preconditions.if_match_any = *operation.version == "*";
  preconditions.if_match.push_back(*operation.version);
  return preconditions;
}

/// One request, while it is run.
class Run {
 public:
  Run(const Context& context, const View& view, bool require_version, scim::BulkRequest request)
      : context_(context),
        view_(view),
        require_version_(require_version),
        operations_(std::move(request.operations)),
        fail_on_errors_(request.fail_on_errors),
        outcomes_(operations_.size()) {
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      if (operations_[i].method == scim::BulkMethod::kPost) {
        posts_.emplace(operations_[i].bulk_id, i);
      }
    }
    for (const auto& type : context.registry->resourceTypes()) {
      projections_.emplace(type.get(), idOnly(context, *type));
    }
  }

  std::vector<BulkResult> run() {
    for (const auto& step : scim::planBulk(operations_)) {
      if (fail_on_errors_ && errors_ >= *fail_on_errors_) break;
      runStep(step);
      for (const std::size_t each : step.operations) {
        if (outcomes_[each].error) ++errors_;
      }
    }
    std::vector<BulkResult> results;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      if (!outcomes_[i].begun) continue;
      results.push_back({operations_[i].method, std::move(operations_[i].bulk_id),
                         std::move(outcomes_[i].location), outcomes_[i].version,
                         std::move(outcomes_[i].error)});
    }
    return results;
  }

 private:
  struct Outcome {
    bool begun = false;
    std::string created;   ///< the id of what a POST made, while that exists
    json::Object waiting;  ///< taken out of its data until the rest of its circle is there
    std::string location;
    std::optional<Version> version;
    std::optional<Error> error;
  };

  void runStep(const scim::BulkStep& step) {
    Result<void> done;
    std::size_t at = step.operations.front();
    if (!step.possible) {
      done = failure(ErrorKind::kConflict,
                     "the operations refer to each other in a circle of required attributes");
    }
    for (auto each = step.operations.begin(); done && each != step.operations.end(); ++each) {
      done = begin(at = *each);
    }
    for (auto each = step.operations.begin(); done && each != step.operations.end(); ++each) {
      done = complete(at = *each);
    }
    if (!done) failStep(step, at, std::move(done.error()));
  }

  /// Runs an operation, but for values that have to wait.
  Result<void> begin(std::size_t at) {
    auto& operation = operations_[at];
    auto& outcome = outcomes_[at];
    const bool on_created = operation.id.rfind("bulkId:", 0) == 0;
    auto ready = settleReferences(operation, outcome);
    outcome.begun = true;
    if (operation.type != nullptr && operation.method != scim::BulkMethod::kPost &&
        operation.id.rfind("bulkId:", 0) != 0) {
      outcome.location = view_.baseUrl() + operation.type->endpoint + "/" + operation.id;
    }
    if (operation.fault) return tl::make_unexpected(*operation.fault);
    if (!ready) return ready;
    if (require_version_ && !operation.version && !on_created &&
        operation.method != scim::BulkMethod::kPost) {
      return failure(ErrorKind::kVersionRequired,
                     "this server asks for the 'version' that the operation changes");
    }
    if (unavailable_ >= kOutage) {
      return failure(ErrorKind::kUnavailable,
                     "not tried: the database could not be reached for the operations before");
    }
    auto done = act(operation, outcome);
    unavailable_ = !done && done.error().kind == ErrorKind::kUnavailable ? unavailable_ + 1 : 0;
    return done;
  }

  /// Puts ids in the place of bulkIds, and takes out what refers to operations that have not been
  /// begun: by the order of the plan these are of the same circle.
  Result<void> settleReferences(scim::BulkOperation& operation, Outcome& outcome) {
    std::set<std::string, std::less<>> not_there_yet;
    for (auto& reference : scim::bulkReferences(operation)) {
      const auto post = posts_.find(reference.bulk_id);
      if (post == posts_.end()) {
        return failure(ErrorKind::kInvalidValue,
                       "no POST of this request has the bulkId it refers to",
                       printable(reference.place));
      }
      const auto& target = outcomes_[post->second];
      if (!target.begun) {
        not_there_yet.insert(std::move(reference.bulk_id));
      } else if (target.created.empty()) {
        return failure(ErrorKind::kConflict, "the operation it refers to has failed",
                       printable(reference.place));
      }
    }
    if (!not_there_yet.empty()) outcome.waiting = scim::takeReferring(operation, not_there_yet);
    scim::resolveReferences(operation, lookup());
    return {};
  }

  Result<void> act(const scim::BulkOperation& operation, Outcome& outcome) {
    const auto& type = *operation.type;
    const auto& actions = actionsOf(type);
    const auto& projection = projections_.at(operation.type);
    const auto preconditions = preconditionsOf(operation);
    Result<Rendered> done;
    switch (operation.method) {
      case scim::BulkMethod::kPost:
        done = actions.create(context_, view_, type, operation.data, projection);
        break;
      case scim::BulkMethod::kPut:
        done = actions.replace(context_, view_, type, operation.id, operation.data, projection,
                               preconditions);
        break;
      case scim::BulkMethod::kPatch:
        done = actions.patch(context_, view_, type, operation.id, operation.data, projection,
                             preconditions, /*with_body=*/false);
        break;
      case scim::BulkMethod::kDelete:
        return actions.remove(context_, view_, type, operation.id, preconditions);
    }
    if (!done) return propagate(done);
    outcome.version = done->meta.version;
    outcome.location = std::move(done->location);
    if (operation.method == scim::BulkMethod::kPost) outcome.created = done->meta.id.text();
    return {};
  }

  /// Adds what had to wait for the rest of the circle.
  Result<void> complete(std::size_t at) {
    auto& outcome = outcomes_[at];
    if (outcome.waiting.empty()) return {};
    scim::BulkOperation addition;
    addition.method = scim::BulkMethod::kPatch;
    addition.type = operations_[at].type;
    addition.id = outcome.created;
    addition.data = json::Object{
        {"schemas", json::Array{scim::kPatchOpSchema}},
        {"Operations",
         json::Array{json::Object{{"op", "add"}, {"value", std::move(outcome.waiting)}}}}};
    scim::resolveReferences(addition, lookup());
    return act(addition, outcome);
  }

  /// The operation `at` has failed. Those of its circle fail with it, and what they made goes.
  void failStep(const scim::BulkStep& step, std::size_t at, Error error) {
    const Error of_others =
        step.possible ? Error{ErrorKind::kConflict,
                              "an operation that it refers to, and that refers to it, has failed",
                              {},
                              {},
                              {}}
                      : error;
    outcomes_[at].error = std::move(error);
    for (const std::size_t each : step.operations) {
      auto& outcome = outcomes_[each];
      outcome.begun = true;
      outcome.version.reset();
      if (each != at) outcome.error = of_others;
      if (!outcome.created.empty()) takeBack(operations_[each], outcome);
    }
  }

  void takeBack(const scim::BulkOperation& operation, Outcome& outcome) {
    const auto& type = *operation.type;
    auto removed = actionsOf(type).remove(context_, view_, type, outcome.created, {});
    if (removed || removed.error().kind == ErrorKind::kNotFound) {
      outcome.location.clear();
    } else {
      // Its location stays in the answer, by which the client can remove it.
      logEvent(events::kBulkNotUndone,
               {{"resource", outcome.created}, {"reason", removed.error().detail}});
    }
    outcome.created.clear();
  }

  [[nodiscard]] scim::BulkLookup lookup() const {
    return [this](std::string_view bulk_id) -> std::string_view {
      const auto post = posts_.find(std::string(bulk_id));
      return post == posts_.end() ? std::string_view{} : outcomes_[post->second].created;
    };
  }

  const Context& context_;
  const View& view_;
  bool require_version_;
  std::vector<scim::BulkOperation> operations_;
  std::optional<std::uint64_t> fail_on_errors_;
  std::vector<Outcome> outcomes_;
  std::unordered_map<std::string, std::size_t> posts_;  ///< by bulkId
  std::map<const scim::ResourceType*, scim::Projection> projections_;
  std::uint64_t errors_ = 0;
  unsigned unavailable_ = 0;  ///< operations in a row that found no database
};

}  // namespace

Bulk::Bulk(const Context& context, bool require_version)
    : context_(context), require_version_(require_version) {
  context_.password_hasher = &password_hasher_;
}

Result<std::vector<BulkResult>> Bulk::run(const View& view,
                                          const std::function<Result<json::Value>()>& read) {
  struct Place {
    std::atomic<unsigned>& running;
    const bool free = running.fetch_add(1) < kAtOnce;
    ~Place() { running.fetch_sub(1); }
  };
  const Place place{running_};
  if (!place.free) {
    return failure(ErrorKind::kUnavailable,
                   "too many bulk requests are being run at once; try again later");
  }
  auto body = read();
  if (!body) return propagate(body);
  auto request =
      scim::parseBulk(*context_.registry, *std::move(body), context_.limits.bulk_operations);
  if (!request) return propagate(request);
  return Run(context_, view, require_version_, *std::move(request)).run();
}

}  // namespace vestibule::directory
