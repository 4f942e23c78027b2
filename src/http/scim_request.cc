#include "http/scim_request.h"

#include <array>

#include "base/unicode.h"
#include "http/correlation.h"

namespace vestibule::http {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Reads `W/"a", "b"` into `tags`, or `*` into `any`. Empty elements of the list are passed over
/// (RFC 9110 §5.6.1). False for anything else.
bool readTags(std::string_view text, bool& any, std::vector<std::string>& tags) {
  text = trim(text);
  if (text == "*") {
    any = true;
    return true;
  }
  while (!text.empty()) {
    if (text.front() == ',') {
      text = trim(text.substr(1));
      continue;
    }
    std::size_t quote = 0;
    if (text.substr(0, 2) == "W/" || text.substr(0, 2) == "w/") quote = 2;
    if (text.size() <= quote || text[quote] != '"') return false;
    const auto end = text.find('"', quote + 1);
    if (end == std::string_view::npos) return false;
    tags.emplace_back(text.substr(quote, end - quote + 1));
    text = trim(text.substr(end + 1));
    if (!text.empty() && text.front() != ',') return false;
  }
  return !tags.empty();
}

std::vector<std::string> queryValues(const Request& request, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [key, value] : request.query) {
    if (equalIgnoringAsciiCase(key, name) && !value.empty()) values.push_back(value);
  }
  return values;
}

constexpr std::array<std::string_view, 8> kParameters{
    "attributes", "excludedAttributes", "filter", "sortBy",
    "sortOrder",  "startIndex",         "count",  "cursor"};

/// Names of parameters are read without case everywhere; here is said whether that may matter.
Result<void> checkParameterNames(const Request& request, scim::Tolerating tolerating) {
  for (const auto& [key, value] : request.query) {
    for (const auto name : kParameters) {
      const bool deviates = key != name && equalIgnoringAsciiCase(key, name);
      if (deviates && !tolerating.accepts(scim::Tolerance::kParamNamesCaseInsensitive)) {
        return failure(ErrorKind::kInvalidValue,
                       "the query parameter is spelt '" + std::string(name) + "'",
                       std::string(name));
      }
    }
  }
  return {};
}

/// Counts the request for the domain that it is about. What is about several is counted for none.
Result<void> admitToDomain(const Request& request, const directory::View& view) {
  const auto* domain = view.soleDomain();
  if (domain == nullptr) {
    const auto id = ResourceId::parse(request.parameter("id"));
    domain = id ? view.domainOf(*id) : nullptr;
  }
  const auto most = domain != nullptr ? domain->policy.settings().requests_per_minute : 0;
  if (most == 0) return {};
  const auto wait = domain->rate->admit(most, RequestRate::Clock::now());
  if (wait == 0) return {};
  return tooManyRequests("the user store domain takes " + std::to_string(most) +
                             " requests in a minute, and has had them",
                         wait);
}

Result<directory::View> findView(const Request& request, const Caller& caller,
                                 const std::string& public_url,
                                 std::optional<std::string_view> only) {
  using directory::View;
  std::string origin = originOf(request, public_url);
  const auto domain = request.parameter("domain");
  if (queryValues(request, "domain").size() > 1) {
    return failure(ErrorKind::kInvalidValue, "domain is given more than once", "domain");
  }
  if (!domain.empty() && only && !only->empty() && !equalIgnoringAsciiCase(*only, domain)) {
    return failure(ErrorKind::kInvalidValue,
                   "this base URL is of another domain than the one that is asked for", "domain");
  }
  if (domain.empty()) {
    return View::overAllDomains(caller.catalog, *caller.principal, origin + "/scim/v2", only);
  }
  const auto* found = caller.catalog->findDomain(domain);
  const std::string name(found != nullptr ? found->name().value() : domain);
  return View::ofDomain(caller.catalog, *caller.principal, origin + "/domains/" + name + "/scim/v2",
                        domain);
}

}  // namespace

std::string originOf(const Request& request, const std::string& public_url) {
  if (!public_url.empty()) return public_url;
  const auto host = request.headers.first("Host").value_or("localhost");
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
  const bool clean = !host.empty() && host.find_first_not_of(kAllowed) == std::string_view::npos;
  return (request.secure ? "https://" : "http://") + std::string(clean ? host : "localhost");
}

Result<directory::View> viewOf(const Request& request, const Caller& caller,
                               const directory::Context& context, const std::string& public_url,
                               std::optional<std::string_view> only) {
  auto view = findView(request, caller, public_url, only);
  if (!view) return view;
  if (auto admitted = admitToDomain(request, *view); !admitted) return propagate(admitted);
  view->correlate(correlationIdOf(request));
  view->chooseTolerances(context.tolerances);
  if (auto spelt = checkParameterNames(request, view->tolerating()); !spelt) {
    return propagate(spelt);
  }
  return view;
}

Result<json::Value> readJsonBody(const Request& request, const json::Limits& limits) {
  if (request.body.empty()) {
    return failure(ErrorKind::kInvalidSyntax, "the request needs a JSON body");
  }
  return json::parse(request.body, limits);
}

bool isEncoded(const Request& request) {
  return request.headers.count("Content-Encoding") > 0 &&
         !equalIgnoringAsciiCase(request.headers.joined("Content-Encoding"), "identity");
}

bool isJsonContent(const Request& request) {
  // Two that differ would be read differently by what stands in between.
  if (isEncoded(request) || request.headers.count("Content-Type") > 1) return false;
  std::string_view value = request.headers.first("Content-Type").value_or("");
  const auto semicolon = value.find(';');
  const auto type = trim(value.substr(0, semicolon));
  if (!equalIgnoringAsciiCase(type, "application/scim+json") &&
      !equalIgnoringAsciiCase(type, "application/json")) {
    return false;
  }
  std::string parameters =
      semicolon == std::string_view::npos ? "" : lowerAscii(value.substr(semicolon));
  const auto charset = parameters.find("charset=");
  if (charset == std::string::npos) return true;
  std::string_view name = std::string_view(parameters).substr(charset + 8);
  name = trim(name.substr(0, name.find(';')));
  return name == "utf-8" || name == "\"utf-8\"" || name == "utf8";
}

Result<directory::Preconditions> readPreconditions(const Request& request) {
  directory::Preconditions conditions;
  conditions.has_if_match = request.headers.count("If-Match") > 0;
  if (conditions.has_if_match &&
      !readTags(request.headers.joined("If-Match"), conditions.if_match_any, conditions.if_match)) {
    return failure(ErrorKind::kInvalidValue, "If-Match is * or a list of entity tags");
  }
  conditions.has_if_none_match = request.headers.count("If-None-Match") > 0;
  if (conditions.has_if_none_match &&
      !readTags(request.headers.joined("If-None-Match"), conditions.if_none_match_any,
                conditions.if_none_match)) {
    return failure(ErrorKind::kInvalidValue, "If-None-Match is * or a list of entity tags");
  }
  return conditions;
}

Result<scim::Projection> readProjection(const Request& request, const directory::Context& context,
                                        const scim::ResourceType& type) {
  if (request.query.empty()) return scim::Projection();
  return scim::Projection::parse(*context.registry, type, queryValues(request, "attributes"),
                                 queryValues(request, "excludedAttributes"));
}

}  // namespace vestibule::http
