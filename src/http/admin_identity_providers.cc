#include <charconv>

#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"
#include "http/scim_request.h"

namespace vestibule::http {
namespace {

constexpr const char* kProviders = "/admin/v1/identity-providers";
constexpr const char* kProvider = "/admin/v1/identity-providers/{name}";
constexpr const char* kHistory = "/admin/v1/identity-providers/{name}/history";
constexpr const char* kVersion = "/admin/v1/identity-providers/{name}/history/{version}";
constexpr const char* kRollback = "/admin/v1/identity-providers/{name}/rollback";

tl::unexpected<Error> wrong(std::string attribute, std::string detail) {
  return failure(ErrorKind::kInvalidValue, std::move(detail), std::move(attribute));
}

/// Whether the query asks for advice beside the document.
Result<bool> wantsAdvice(const Request& request) {
  const auto text = request.queryValue("advice");
  if (!text || *text == "false") return false;
  if (*text == "true") return true;
  return wrong("advice", "advice is true or false");
}

/// The document itself, or with `advice=true` `{"identityProvider","advice"}`: what PUT takes is
/// what GET gives, so nothing may be added to it.
Response shown(int status, const jit::IdentityProviders& providers,
               const jit::IdentityProviderView& view, bool with_advice) {
  if (!with_advice) return adminAnswer(status, view.document, view.version);
  const auto found = providers.advice(view.document);
  if (!found) return problem(found.error());
  json::Array advice;
  for (const jit::Advice& one : *found) {
    advice.emplace_back(
        json::Object{{"setting", one.setting}, {"code", one.code}, {"text", one.text}});
  }
  return adminAnswer(
      status, json::Object{{"identityProvider", view.document}, {"advice", std::move(advice)}},
      view.version);
}

/// 201 with the address of what was made.
Response madeAnswer(const jit::IdentityProviders& providers, const jit::IdentityProviderView& view,
                    bool with_advice) {
  auto response = shown(201, providers, view, with_advice);
  const auto* name = view.document.find("name");
  response.headers.set("Location", pathOf(kProviders, *name->string()));
  return response;
}

Response appliedAnswer(const jit::IdentityProviders& providers,
                       const jit::AppliedIdentityProvider& applied, bool with_advice) {
  return applied.created ? madeAnswer(providers, applied.view, with_advice)
                         : shown(200, providers, applied.view, with_advice);
}

/// What a save says beside its body.
struct SaveOptions {
  directory::Preconditions conditions;
  bool with_advice = false;
};

Result<SaveOptions> saveOptions(const Request& request) {
  auto conditions = readPreconditions(request);
  if (!conditions) return propagate(conditions);
  auto with_advice = wantsAdvice(request);
  if (!with_advice) return propagate(with_advice);
  return SaveOptions{*std::move(conditions), *with_advice};
}

Response replace(jit::IdentityProviders& providers, const Request& request, const Caller& caller,
                 const json::Value& body) {
  const auto options = saveOptions(request);
  if (!options) return problem(options.error());
  if (body.stringAt("name") != request.parameter("name")) {
    return problem(wrong("name", "the document's name is not the one of the path").value());
  }
  const auto applied = providers.apply(body, options->conditions, authorOf(request, caller));
  return applied ? appliedAnswer(providers, *applied, options->with_advice)
                 : problem(applied.error());
}

Result<Version> versionOfPath(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) {
    return failure(ErrorKind::kNotFound, "a version is a number from 1");
  }
  return Version(number);
}

/// The one member of the body of a rollback.
Result<Version> versionOfBody(const json::Value& body) {
  const json::Object* object = body.object();
  const json::Value* version = body.find("version");
  const std::int64_t number =
      version == nullptr || !version->isNumber() ? 0 : version->number()->asInt64().value_or(0);
  if (object == nullptr || object->size() != 1 || number < 1) {
    return wrong("version", "the body is {\"version\": N}, a version of the history");
  }
  return Version(static_cast<std::uint64_t>(number));
}

void addHistoryRoutes(Router& router, const directory::Context& context,
                      jit::IdentityProviders& providers) {
  router.add(Method::kGet, kHistory,
             sharedOnly(context, [&providers](const Request& request, const Caller&) {
               const auto versions = providers.history(request.parameter("name"));
               if (!versions) return problem(versions.error());
               json::Array all;
               for (const auto& version : *versions) all.emplace_back(jit::describe(version));
               return adminAnswer(200, json::Object{{"versions", std::move(all)}});
             }));
  router.add(Method::kGet, kVersion,
             sharedOnly(context, [&providers](const Request& request, const Caller&) {
               const auto version = versionOfPath(request.parameter("version"));
               if (!version) return problem(version.error());
               const auto settings = providers.settingsOf(request.parameter("name"), *version);
               return settings ? adminAnswer(200, *settings, *version) : problem(settings.error());
             }));
  router.add(Method::kPost, kRollback,
             sharedWithBody(context, [&providers](const Request& request, const Caller& caller,
                                                  const json::Value& body) {
               const auto options = saveOptions(request);
               if (!options) return problem(options.error());
               const auto version = versionOfBody(body);
               if (!version) return problem(version.error());
               const auto applied =
                   providers.rollBack(request.parameter("name"), *version, options->conditions,
                                      authorOf(request, caller));
               return applied ? appliedAnswer(providers, *applied, options->with_advice)
                              : problem(applied.error());
             }));
}

}  // namespace

void addIdentityProviderRoutes(Router& router, const directory::Context& context,
                               jit::IdentityProviders& providers) {
  router.add(Method::kGet, kProviders,
             sharedOnly(context, [&providers](const Request&, const Caller&) {
               json::Array all;
               for (auto& view : providers.list()) all.emplace_back(std::move(view.document));
               json::Object body;
               body.set("identityProviders", std::move(all));
               return adminAnswer(200, std::move(body));
             }));
  router.add(Method::kPost, kProviders,
             sharedWithBody(context, [&providers](const Request& request, const Caller& caller,
                                                  const json::Value& body) {
               const auto with_advice = wantsAdvice(request);
               if (!with_advice) return problem(with_advice.error());
               const auto created = providers.create(body, authorOf(request, caller));
               return created ? madeAnswer(providers, *created, *with_advice)
                              : problem(created.error());
             }));
  router.add(Method::kGet, kProvider,
             sharedOnly(context, [&providers](const Request& request, const Caller&) {
               const auto with_advice = wantsAdvice(request);
               if (!with_advice) return problem(with_advice.error());
               const auto view = providers.get(request.parameter("name"));
               return view ? shown(200, providers, *view, *with_advice) : problem(view.error());
             }));
  router.add(Method::kPut, kProvider,
             sharedWithBody(context, [&providers](const Request& request, const Caller& caller,
                                                  const json::Value& body) {
               return replace(providers, request, caller, body);
             }));
  router.add(Method::kPatch, kProvider,
             sharedWithBody(context, [&providers](const Request& request, const Caller& caller,
                                                  const json::Value& body) {
               const auto options = saveOptions(request);
               if (!options) return problem(options.error());
               const auto view = providers.patch(request.parameter("name"), body,
                                                 options->conditions, authorOf(request, caller));
               return view ? shown(200, providers, *view, options->with_advice)
                           : problem(view.error());
             }));
  router.add(Method::kDelete, kProvider,
             sharedOnly(context, [&providers](const Request& request, const Caller& caller) {
               auto conditions = readPreconditions(request);
               if (!conditions) return problem(conditions.error());
               auto removed = providers.remove(request.parameter("name"), *conditions,
                                               authorOf(request, caller));
               return removed ? noContent() : problem(removed.error());
             }));
  addHistoryRoutes(router, context, providers);
}

}  // namespace vestibule::http
