#include "http/prompt_assets.h"

#include "http/error_response.h"

namespace vestibule::http {
namespace {

/// True when If-None-Match names the tag (RFC 9110 §13.1.2); weak and strong are the same here.
bool isKnownTo(const Request& request, const std::string& etag) {
  const auto known = request.headers.joined("If-None-Match");
  return known == "*" || known.find(etag) != std::string::npos;
}

Response assetOf(const Request& request, PromptThemes& themes) {
  const auto theme = themes.theme(request.parameter("theme"));
  const auto* file = theme ? (*theme)->file(request.parameter("file")) : nullptr;
  if (file == nullptr) return problemRefusal(404, "no such file");
  const auto etag = '"' + file->version + '"';
  const bool is_versioned = request.queryValue("v") == file->version;
  Response response;
  response.headers.set("ETag", etag);
  response.headers.set("Cache-Control",
                       is_versioned ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
  response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
  if (isKnownTo(request, etag)) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type", std::string(file->media_type));
  response.body = file->content;
  return response;
}

}  // namespace

void addPromptAssetRoutes(Router& router, PromptThemes& themes) {
  router.add(Method::kGet, "/provision/assets/{theme}/{file}",
             [&themes](const Request& request) { return assetOf(request, themes); });
}

}  // namespace vestibule::http
