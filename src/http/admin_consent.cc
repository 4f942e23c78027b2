#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"
#include "http/jit_answer.h"
#include "jit/consent_receipt.h"
#include "jit/consent_withdrawal.h"

namespace vestibule::http {
namespace {

constexpr const char* kReceipts = "/admin/v1/consent-receipts";
constexpr const char* kReceipt = "/admin/v1/consent-receipts/{id}";
constexpr const char* kConsents = "/admin/v1/users/{id}/consents";

/// Whose receipts the query asks for; nothing: everybody's.
Result<std::optional<ResourceId>> userIn(const Request& request, const Caller& caller) {
  const auto text = request.queryValue("user");
  if (!text) {
    if (auto may = requireAllDomains(caller); !may) return propagate(may);
    return std::optional<ResourceId>();
  }
  const auto user = ResourceId::parse(*text);
  if (!user || user->kind() != ResourceKind::kUser) {
    return failure(ErrorKind::kInvalidValue, "user is the id of a user", "user");
  }
  if (!caller.principal->sees(user->domain())) {
    return failure(ErrorKind::kNotFound, "there is no such user", "user");
  }
  return user;
}

Result<json::Object> list(const directory::Context& context, const Request& request,
                          const Caller& caller) {
  auto user = userIn(request, caller);
  if (!user) return propagate(user);
  auto count = pageSizeOf(request);
  if (!count) return propagate(count);
  // One more tells whether there is another page.
  auto receipts =
      jit::listReceipts(context, *user, request.queryValue("after").value_or(""), *count + 1);
  if (!receipts) return propagate(receipts);
  const bool more = receipts->size() > *count;
  if (more) receipts->pop_back();
  json::Array shown;
  for (const auto& receipt : *receipts) shown.emplace_back(jit::describe(receipt));
  json::Object body{{"receipts", std::move(shown)}};
  if (more) body.set("after", jit::textOf(receipts->back().receipt.id));
  return body;
}

Response withdraw(const directory::Context& context, const jit::ConsentPurposes& purposes,
                  const Request& request, const Caller& caller) {
  const directory::WithdrawalAuthor author{caller.principal, correlationIdOf(request)};
  const auto withdrawn = jit::withdrawReceipt(context, purposes, request.parameter("id"), author);
  Response response = withdrawn ? noContent() : problem(withdrawn.error());
  // What the audit finds it by.
  response.headers.set(kCorrelationHeader, author.correlation_id);
  return response;
}

Response consents(const directory::Context& context, const Request& request, const Caller& caller) {
  auto found = jit::consentsOf(context, caller.principal, request.parameter("id"));
  if (!found) return problem(found.error());
  json::Array shown;
  for (auto& one : *found) shown.emplace_back(std::move(one));
  return adminAnswer(200, json::Object{{"consents", std::move(shown)}});
}

}  // namespace

void addConsentRoutes(Router& router, const directory::Context& context,
                      const jit::ConsentPurposes& purposes) {
  router.add(Method::kGet, kReceipts,
             adminOnly(context, [&context](const Request& request, const Caller& caller) {
               auto body = list(context, request, caller);
               return body ? adminAnswer(200, *std::move(body)) : problem(body.error());
             }));
  router.add(
      Method::kGet, kReceipt,
      adminOnly(context, [&context](const Request& request, const Caller& caller) {
        const auto receipt = jit::getReceipt(context, caller.principal, request.parameter("id"));
        return receipt ? adminAnswer(200, jit::describe(*receipt)) : problem(receipt.error());
      }));
  router.add(
      Method::kDelete, kReceipt,
      adminOnly(context, [&context, &purposes](const Request& request, const Caller& caller) {
        return withdraw(context, purposes, request, caller);
      }));
  router.add(Method::kGet, kConsents,
             adminOnly(context, [&context](const Request& request, const Caller& caller) {
               return consents(context, request, caller);
             }));
}

}  // namespace vestibule::http
