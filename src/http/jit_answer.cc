#include "http/jit_answer.h"

#include "base/log.h"
#include "http/error_response.h"
#include "jit/codes.h"
#include "json/write.h"

namespace vestibule::http {
namespace {

/// Not the detail: it may repeat what was sent. The audit has it under the correlation id.
void logFailure(const Error& error, const std::string& correlation_id) {
  const LogScope scope = LogScope::within(correlation_id);
  if (error.kind == ErrorKind::kInternal || error.kind == ErrorKind::kUnavailable) {
    logEvent(events::kLoginFailed, {{"code", error.code}, {"reason", error.internal}});
    return;
  }
  const jit::CodeInfo* info = jit::findCode(error.code);
  logEvent(events::kLoginRefused,
           {{"code", error.code}, {"title", info == nullptr ? std::string_view() : info->title}});
}

}  // namespace

Response jitAnswer(int status, std::string_view content_type, std::string body,
                   const std::string& correlation_id) {
  Response response;
  response.status = status;
  response.headers.set("Content-Type", std::string(content_type));
  response.headers.set("Cache-Control", "no-store");
  response.headers.set(kCorrelationHeader, correlation_id);
  response.body = std::move(body);
  return response;
}

json::Object jitProblem(const Error& error, int status, jit::OnFailure on_failure,
                        const std::string& correlation_id) {
  const jit::CodeInfo* info = jit::findCode(error.code);
  json::Object body;
  body.set("type", info == nullptr ? "about:blank" : "urn:problem-type:vestibule:" + error.code);
  body.set("title", info == nullptr ? reasonPhrase(status) : info->title);
  body.set("status", status);
  body.set("detail", error.kind == ErrorKind::kInternal
                         ? "internal error; the log has it under the correlation id"
                         : error.detail);
  if (!error.code.empty()) body.set("code", error.code);
  if (!error.attribute.empty()) body.set("attribute", error.attribute);
  body.set("onFailure", nameOf(on_failure));
  body.set("correlationId", correlation_id);
  return body;
}

Response jitFailure(const Error& error, int status, jit::OnFailure on_failure,
                    const std::string& correlation_id) {
  logFailure(error, correlation_id);
  Response response =
      jitAnswer(status, "application/problem+json",
                json::write(jitProblem(error, status, on_failure, correlation_id)), correlation_id);
  addStatusHeaders(response, {}, error.retry_after);
  return response;
}

Response jitFailure(const Error& error, jit::OnFailure on_failure,
                    const std::string& correlation_id) {
  return jitFailure(error, statusOf(error.kind), on_failure, correlation_id);
}

}  // namespace vestibule::http
