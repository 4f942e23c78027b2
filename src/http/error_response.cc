#include "http/error_response.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "http/authentication.h"
#include "json/write.h"
#include "scim/message.h"

namespace vestibule::http {
namespace {

constexpr std::string_view kScimType = "application/scim+json";
constexpr std::string_view kProblemType = "application/problem+json";

/// What the client is told. Internal details stay here; the id joins both.
std::string clientDetail(const Error& error) {
  if (error.kind == ErrorKind::kInternal) {
    const std::string id = toHex(randomBytes(8));
    logEvent(events::kRequestFailed, {{"error_id", id}, {"reason", error.internal}});
    return "internal error; the log has it under correlation id " + id;
  }
  if (!error.internal.empty()) {
    // A name that is taken is the client's affair, and clients ask again and again.
    const bool taken = error.kind == ErrorKind::kUniqueness;
    logEvent(events::kRequestHindered, taken ? LogLevel::kDebug : LogLevel::kWarn,
             {{"kind", taken ? "taken" : "not possible now"}, {"reason", error.internal}});
  }
  return error.detail;
}

void addHeadersOf(Response& response, const Error* error) {
  if (error == nullptr) {
    addStatusHeaders(response, {});
  } else {
    addStatusHeaders(response, error->code, error->retry_after);
  }
}

Response scimResponse(int status, std::string_view scim_type, std::string_view detail,
                      const Error* error = nullptr) {
  Response response;
  response.status = status;
  response.headers.set("Content-Type", std::string(kScimType));
  addHeadersOf(response, error);
  response.body = scim::errorBody(status, scim_type, detail);
  return response;
}

Response problemResponse(int status, std::string_view detail, const Error* error) {
  Response response;
  response.status = status;
  response.headers.set("Content-Type", std::string(kProblemType));
  addHeadersOf(response, error);
  json::Object body;
  body.set("type", "about:blank");
  body.set("title", reasonPhrase(status));
  body.set("status", status);
  body.set("detail", detail);
  if (error != nullptr && !error->code.empty()) body.set("code", error->code);
  if (error != nullptr && !error->attribute.empty()) body.set("attribute", error->attribute);
  response.body = json::write(body);
  return response;
}

}  // namespace

int statusOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidSyntax:
    case ErrorKind::kInvalidValue:
    case ErrorKind::kInvalidFilter:
    case ErrorKind::kInvalidPath:
    case ErrorKind::kNoTarget:
    case ErrorKind::kMutability:
    case ErrorKind::kTooMany:
    case ErrorKind::kInvalidCursor:
    case ErrorKind::kExpiredCursor:
    case ErrorKind::kInvalidCount:
    case ErrorKind::kInvalidVersion:
      return 400;
    case ErrorKind::kUnauthenticated:
      return 401;
    case ErrorKind::kSensitive:
    case ErrorKind::kForbidden:
    case ErrorKind::kReadOnly:
    case ErrorKind::kRefused:
      return 403;
    case ErrorKind::kNotFound:
      return 404;
    case ErrorKind::kUniqueness:
    case ErrorKind::kConflict:
      return 409;
    case ErrorKind::kVersionMismatch:
      return 412;
    case ErrorKind::kPayloadTooLarge:
      return 413;
    case ErrorKind::kVersionRequired:
      return 428;
    case ErrorKind::kTooManyRequests:
      return 429;
    case ErrorKind::kInternal:
      return 500;
    case ErrorKind::kNotImplemented:
      return 501;
    case ErrorKind::kUnavailable:
      return 503;
  }
  return 500;
}

void addStatusHeaders(Response& response, std::string_view code,
                      std::optional<std::uint32_t> retry_after) {
  const bool lacks_scope = response.status == 403 && code == kInsufficientScope;
  if (response.status == 401 || lacks_scope) {
    std::string challenge = "Bearer realm=\"vestibule\"";
    if (!code.empty()) challenge.append(", error=\"").append(code).append("\"");
    response.headers.set("WWW-Authenticate", std::move(challenge));
  } else if (response.status == 503) {
    response.headers.set("Retry-After", std::to_string(retry_after.value_or(1)));
  } else if (response.status == 429 && retry_after) {
    response.headers.set("Retry-After", std::to_string(*retry_after));
  }
}

Response scimError(const Error& error) {
  std::string detail = clientDetail(error);
  if (!error.attribute.empty() && detail.find(error.attribute) == std::string::npos) {
    detail = error.attribute + ": " + detail;
  }
  if (!error.code.empty()) detail += " (" + error.code + ")";
  return scimResponse(statusOf(error.kind), scim::scimType(error.kind), detail, &error);
}

Response problem(const Error& error) {
  const std::string detail = clientDetail(error);
  return problemResponse(statusOf(error.kind), detail, &error);
}

Response scimRefusal(int status, std::string_view detail) {
  return scimResponse(status, "", detail);
}

Response problemRefusal(int status, std::string_view detail) {
  return problemResponse(status, detail, nullptr);
}

}  // namespace vestibule::http
