#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"
#include "jit/operations.h"
#include "jit/operator_operations.h"

namespace vestibule::http {
namespace {

constexpr const char* kOperations = "/admin/v1/operations";
Result<json::Object> list(const directory::Context& context, const Request& request) {
  auto state = jit::parseOperationState(request.queryValue("state").value_or("dead"));
  if (!state) return propagate(state);
  auto count = pageSizeOf(request);
  if (!count) return propagate(count);
  // One more tells whether there is another page.
  auto operations =
      jit::listOperations(context, *state, request.queryValue("after").value_or(""), *count + 1);
  if (!operations) return propagate(operations);
  const bool more = operations->size() > *count;
  if (more) operations->pop_back();
  json::Array shown;
  for (const auto& operation : *operations) shown.emplace_back(jit::describe(operation));
  json::Object body{{"operations", std::move(shown)}};
  if (more) body.set("after", jit::textOf(operations->back().id));
  return body;
}

Response shown(const Result<store::Operation>& operation) {
  return operation ? adminAnswer(200, jit::describe(*operation)) : problem(operation.error());
}

}  // namespace

void addQueueRoutes(Router& router, const directory::Context& context,
                    const std::function<void()>& queued) {
  const std::string one = std::string(kOperations) + "/{id}";
  router.add(Method::kGet, kOperations,
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               auto body = list(context, request);
               return body ? adminAnswer(200, *std::move(body)) : problem(body.error());
             }));
  router.add(Method::kGet, one,
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               return shown(jit::getOperation(context, request.parameter("id")));
             }));
  router.add(Method::kPost, one + "/retry",
             sharedOnly(context, [&context, queued](const Request& request, const Caller&) {
               const auto retried = jit::retryOperation(context, request.parameter("id"));
               if (retried && queued) queued();
               return shown(retried);
             }));
  router.add(Method::kDelete, one,
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               auto dropped = jit::dropOperation(context, request.parameter("id"));
               return dropped ? noContent() : problem(dropped.error());
             }));
}

}  // namespace vestibule::http
