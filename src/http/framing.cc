#include "http/framing.h"

#include <optional>
#include <utility>

#include "http/request_parser.h"
#include "http/syntax.h"

namespace vestibule::http {
namespace {

namespace beast = boost::beast;

/// The longest chunk header or trailer section: both are held in memory until they are complete.
constexpr std::size_t kChunkLine = std::size_t{4} * 1024;
/// No chunked body is shorter from the beginning of a chunk or from within its data: `0`, and two
/// line ends. Beast counts on as many bytes.
constexpr std::size_t kShortestChunkedRest = 5;
/// What a chunked body may cost on the wire beyond its content before it counts as an attack:
/// one-byte chunks pass, chunks that are little but extensions do not.
constexpr std::size_t kChunkOverhead = std::size_t{16} * 1024;
constexpr std::size_t kChunkOverheadPerByte = 8;
/// A buffer is moved to its front when this much of it has been read.
constexpr std::size_t kCompactAfter = std::size_t{16} * 1024;
/// A buffer that had to grow beyond this gives its memory back after the request.
constexpr std::size_t kKeptCapacity = std::size_t{64} * 1024;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// True when a line feed in `text` does not follow a carriage return.
bool hasBareLineFeed(std::string_view text) {
  for (auto at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return true;
  }
  return false;
}

/// `HTTP/` digit `.` digit, but neither 1.0 nor 1.1: a version to refuse by 505.
bool isOtherVersion(std::string_view version) {
  return version.size() == 8 && version.starts_with("HTTP/") && isDigit(version[5]) &&
         version[6] == '.' && isDigit(version[7]) && version != "HTTP/1.1" && version != "HTTP/1.0";
}

}  // namespace

struct Framer::Parts {
  enum class Phase { kHeader, kBody, kComplete, kRefused };

  FramingLimits limits;
  BodyLimit body_limit;
  Phase phase = Phase::kHeader;
  Refusal refusal;

  std::string buffer;
  std::size_t read = 0;  ///< where the bytes begin that are not yet part of a request

  // Of the header block, in offsets of `buffer`:
  std::size_t line = 0;     ///< where the current line begins
  std::size_t scanned = 0;  ///< how far line ends have been looked for
  std::size_t fields_begin = 0;
  std::size_t lines = 0;  ///< complete lines seen, the request line included
  bool skipped_blank = false;

  std::optional<RequestParser> parser;
  std::size_t chunk_wire_bytes = 0;
  bool continue_wanted = false;

  Progress refuse(Refusal why) {
    phase = Phase::kRefused;
    refusal = why;
    return Progress::kRefused;
  }

  Progress scanHeader();
  Progress partialHeader();
  Progress parseHeader(std::size_t end);
  Progress parseBody();
  Progress complete();
  std::optional<Refusal> checkLine(std::size_t length, std::size_t line_end) const;
  void dropRead();
  void startRequest();
};

/// Drops the bytes that are part of a request by now, once they are worth the moving of the rest.
void Framer::Parts::dropRead() {
  if (read < buffer.size() && read <= kCompactAfter) return;
  buffer.erase(0, read);
  read = 0;
}

/// Forgets the request before and everything that was read of it.
void Framer::Parts::startRequest() {
  dropRead();
  if (buffer.capacity() > kKeptCapacity) buffer.shrink_to_fit();
  phase = Phase::kHeader;
  line = scanned = fields_begin = read;
  lines = 0;
  skipped_blank = false;
  parser.reset();
  chunk_wire_bytes = 0;
  continue_wanted = false;
}

/// Looks for the end of the header block, line by line, and checks what only the raw lines show.
Framer::Progress Framer::Parts::scanHeader() {
  for (;;) {
    const auto feed = buffer.find('\n', scanned);
    if (feed == std::string::npos) {
      scanned = buffer.size();
      return partialHeader();
    }
    if (feed == line || buffer[feed - 1] != '\r') {
      return refuse({400, "a line does not end in CR LF"});
    }
    const auto length = feed - 1 - line;
    const auto next_line = feed + 1;
    if (lines == 0 && length == 0 && !skipped_blank) {  // RFC 9112 §2.2: one empty line is ignored
      skipped_blank = true;
      line = scanned = read = next_line;
      continue;
    }
    if (lines > 0 && length == 0) return parseHeader(next_line);
    if (auto refusal_of_line = checkLine(length, next_line)) return refuse(*refusal_of_line);
    if (lines == 0) fields_begin = next_line;
    ++lines;
    line = scanned = next_line;
  }
}

std::optional<Refusal> Framer::Parts::checkLine(std::size_t length, std::size_t line_end) const {
  const auto text = std::string_view(buffer).substr(line, length);
  if (lines == 0) {
    // What does not begin like a method is an empty line or another protocol (TLS, say).
    if (!isTokenChar(buffer[line])) return Refusal{400, "the request is not HTTP/1.1"};
    if (length > limits.request_line) return Refusal{414, "the request line is too long"};
    const auto space = text.rfind(' ');
    if (space != text.npos && isOtherVersion(text.substr(space + 1))) {
      return Refusal{505, "this server speaks HTTP/1.1"};
    }
    return std::nullopt;
  }
  if (text.front() == ' ' || text.front() == '\t') {
    return Refusal{400, "a header field must not be folded"};
  }
  if (lines > limits.header_fields) return Refusal{431, "too many header fields"};
  if (line_end - fields_begin > limits.header_bytes) return Refusal{431, "the header is too large"};
  return std::nullopt;
}

/// The header has not ended yet: is what came so far still the beginning of an acceptable one?
Framer::Progress Framer::Parts::partialHeader() {
  const auto pending = buffer.size() - line;
  if (lines == 0) {
    if (pending > 0 && !isTokenChar(buffer[line]) && buffer[line] != '\r') {
      return refuse({400, "the request is not HTTP/1.1"});  // no need to wait for more of it
    }
    if (pending > limits.request_line + 1) return refuse({414, "the request line is too long"});
  } else if (buffer.size() - fields_begin > limits.header_bytes + 1) {
    return refuse({431, "the header is too large"});
  }
  return Progress::kNeedMore;
}

Framer::Progress Framer::Parts::parseHeader(std::size_t end) {
  parser.emplace(limits, body_limit);
  beast::error_code error;
  const auto used = parser->parse(std::string_view(buffer).substr(read, end - read), error);
  if (error) return refuse(parser->refusalFor(error));
  if (used != end - read || !parser->is_header_done()) return refuse(parser->refusalFor({}));
  read = end;
  if (parser->is_done() || parser->skipsBody()) return complete();
  phase = Phase::kBody;
  continue_wanted = parser->expectsContinue();
  return parseBody();
}

Framer::Progress Framer::Parts::parseBody() {
  while (!parser->is_done()) {
    const auto rest = std::string_view(buffer).substr(read);
    if (rest.size() < (parser->chunked() ? kShortestChunkedRest : 1)) break;
    const auto body_before = parser->bodySize();
    beast::error_code error;
    const auto used = parser->parse(rest, error);
    const bool incomplete = error == beast::http::error::need_more;
    if (error && !incomplete) return refuse(parser->refusalFor(error));
    read += used;
    if (parser->chunked()) {
      // Beast takes one piece at a time: chunk data, or else a chunk header, or the last one with
      // the trailer.
      const bool is_data = parser->bodySize() > body_before;
      const auto line_size = is_data ? 0 : incomplete ? rest.size() : used;
      if (line_size > kChunkLine) return refuse({400, "a chunk header or trailer is too long"});
      if (incomplete && hasBareLineFeed(rest)) return refuse({400, "a line does not end in CR LF"});
      chunk_wire_bytes += used;
      if (chunk_wire_bytes > kChunkOverhead + (1 + kChunkOverheadPerByte) * parser->bodySize()) {
        return refuse({400, "the chunks hold too little"});
      }
    }
    if (incomplete) break;
  }
  if (parser->is_done()) return complete();
  dropRead();
  return Progress::kNeedMore;
}

Framer::Progress Framer::Parts::complete() {
  phase = Phase::kComplete;
  return Progress::kComplete;
}

Framer::Framer(const FramingLimits& limits, BodyLimit body_limit)
    : parts_(std::make_unique<Parts>()) {
  parts_->limits = limits;
  parts_->body_limit = std::move(body_limit);
}

Framer::~Framer() = default;

void Framer::append(std::string_view bytes) { parts_->buffer.append(bytes); }

Framer::Progress Framer::next() {
  switch (parts_->phase) {
    case Parts::Phase::kHeader:
      return parts_->scanHeader();
    case Parts::Phase::kBody:
      return parts_->parseBody();
    case Parts::Phase::kComplete:
      return Progress::kComplete;
    case Parts::Phase::kRefused:
      return Progress::kRefused;
  }
  return Progress::kRefused;
}

FramedRequest Framer::take() {
  const bool can_go_on = !parts_->parser->skipsBody();
  FramedRequest framed = parts_->parser->takeFramed();
  parts_->startRequest();
  if (!can_go_on) (void)parts_->refuse({400, "the body of the request before was not read"});
  return framed;
}

const Refusal& Framer::refusal() const { return parts_->refusal; }

bool Framer::inRequest() const { return inBody() || backlog() > 0; }

bool Framer::inBody() const { return parts_->phase == Parts::Phase::kBody; }

bool Framer::takeContinue() {
  // A client that has begun to send its body waits for nothing (RFC 9110 §10.1.1).
  const bool wanted =
      parts_->continue_wanted && inBody() && parts_->parser->bodySize() == 0 && backlog() == 0;
  parts_->continue_wanted = false;
  return wanted;
}

std::size_t Framer::backlog() const { return parts_->buffer.size() - parts_->read; }

std::size_t Framer::bodySize() const { return parts_->parser ? parts_->parser->bodySize() : 0; }

std::size_t Framer::held() const { return parts_->buffer.size() + bodySize(); }

std::size_t Framer::reserved() const { return parts_->buffer.capacity(); }

}  // namespace vestibule::http
