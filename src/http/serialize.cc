#include "http/serialize.h"

#include <array>
#include <charconv>
#include <ctime>

#include "base/log.h"
#include "base/unicode.h"
#include "http/syntax.h"

namespace vestibule::http {
namespace {

constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void appendNumber(std::string& out, std::uint64_t number, std::size_t width = 1) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const auto length = static_cast<std::size_t>(end - digits.data());
  if (length < width) out.append(width - length, '0');
  out.append(digits.data(), length);
}

/// The Date field of this second; made once a second and thread.
const std::string& dateNow() {
  thread_local std::time_t second = -1;
  thread_local std::string text;
  const std::time_t current = std::time(nullptr);
  if (current != second) {
    second = current;
    text = httpDate(current);
  }
  return text;
}

bool isConnectionField(std::string_view name) {
  for (const std::string_view field : {"Connection", "Content-Length", "Date", "Keep-Alive",
                                       "Transfer-Encoding", "Trailer", "Upgrade"}) {
    if (equalIgnoringAsciiCase(name, field)) return true;
  }
  return false;
}

void appendField(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  const auto begin = out.size();
  out += value;
  for (auto i = begin; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out[i]);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) out[i] = ' ';
  }
  out += "\r\n";
}

/// Puts the frame of a chunk around the body (RFC 9112 §7.1): its size at the end of the head, its
/// end at the end of the body. An empty chunk would be the last one.
void appendChunk(AnswerBytes& bytes) {
  if (bytes.body.empty()) return;
  std::array<char, 16> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), bytes.body.size(), 16).ptr;
  bytes.head.append(digits.data(), end);
  bytes.head += "\r\n";
  bytes.body += "\r\n";
}

}  // namespace

std::string httpDate(std::int64_t unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  gmtime_r(&time, &utc);
  std::string text(kDays[utc.tm_wday]);
  text += ", ";
  appendNumber(text, static_cast<std::uint64_t>(utc.tm_mday), 2);
  text += ' ';
  text += kMonths[utc.tm_mon];
  text += ' ';
  appendNumber(text, 1900U + static_cast<std::uint64_t>(utc.tm_year), 4);
  for (const auto& [separator, part] :
       {std::pair{' ', utc.tm_hour}, std::pair{':', utc.tm_min}, std::pair{':', utc.tm_sec}}) {
    text += separator;
    appendNumber(text, static_cast<std::uint64_t>(part), 2);
  }
  text += " GMT";
  return text;
}

AnswerBytes serialize(Response response, const AnswerForm& form) {
  int status = response.status;
  std::string body = std::move(response.body);
  if (status < 200 || status > 599) {
    logEvent(events::kBadStatus, {{"status", status}});
    status = 500;
    body.clear();
  }
  const bool bodiless = status == 204 || status == 304;

  std::string out;
  out.reserve(512);
  out += "HTTP/1.1 ";
  appendNumber(out, static_cast<std::uint64_t>(status));
  out += ' ';
  out += reasonPhrase(status);
  out += "\r\n";
  if (form.dated) appendField(out, "Date", dateNow());
  bool has_cache_control = false;
  bool has_type_options = false;
  for (const auto& [name, value] : response.headers.fields()) {
    if (isConnectionField(name)) continue;
    if (!isToken(name)) {
      logEvent(events::kBadField, {{"field", name}});
      continue;
    }
    has_cache_control = has_cache_control || equalIgnoringAsciiCase(name, "Cache-Control");
    has_type_options = has_type_options || equalIgnoringAsciiCase(name, "X-Content-Type-Options");
    appendField(out, name, value);
  }
  if (!has_cache_control) out += "Cache-Control: no-store\r\n";
  if (!has_type_options) out += "X-Content-Type-Options: nosniff\r\n";
  const bool chunked = form.streamed && !form.http10 && !form.head && !bodiless;
  if (chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (!bodiless && !form.streamed) {
    out += "Content-Length: ";
    appendNumber(out, body.size());
    out += "\r\n";
  }
  if (!form.keep_alive) {
    out += "Connection: close\r\n";
  } else if (form.http10) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  if (bodiless || form.head) body.clear();
  AnswerBytes bytes{std::move(out), std::move(body)};
  if (chunked) appendChunk(bytes);
  return bytes;
}

AnswerBytes serializePiece(std::string piece, const AnswerForm& form) {
  AnswerBytes bytes{{}, std::move(piece)};
  if (form.http10) return bytes;
  if (bytes.body.empty()) {
    bytes.head = "0\r\n\r\n";
  } else {
    appendChunk(bytes);
  }
  return bytes;
}

}  // namespace vestibule::http
