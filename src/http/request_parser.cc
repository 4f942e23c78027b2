#include "http/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <limits>
#include <string>
#include <utility>

#include "base/unicode.h"
#include "http/syntax.h"

namespace vestibule::http {
namespace {

namespace beast = boost::beast;

std::string_view toStd(beast::string_view text) { return {text.data(), text.size()}; }

std::optional<Method> methodOf(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get:
      return Method::kGet;
    case beast::http::verb::head:
      return Method::kHead;
    case beast::http::verb::post:
      return Method::kPost;
    case beast::http::verb::put:
      return Method::kPut;
    case beast::http::verb::patch:
      return Method::kPatch;
    case beast::http::verb::delete_:
      return Method::kDelete;
    case beast::http::verb::options:
      return Method::kOptions;
    default:
      return std::nullopt;
  }
}

Refusal refusalOf(beast::error_code code) {
  using beast::http::error;
  if (code == error::header_limit) return {431, "the header is too large"};
  if (code == error::bad_method) return {400, "the method is not a token"};
  if (code == error::bad_target) return {400, "the request target holds a character it must not"};
  if (code == error::bad_version) return {400, "the request line does not end in an HTTP version"};
  if (code == error::bad_field) return {400, "a header field name is not a token"};
  if (code == error::bad_value) return {400, "a header field value holds a character it must not"};
  if (code == error::bad_content_length) return {400, "bad Content-Length"};
  if (code == error::bad_transfer_encoding) return {400, "bad Transfer-Encoding"};
  if (code == error::bad_chunk || code == error::bad_chunk_extension) {
    return {400, "bad chunk in the body"};
  }
  return {400, "the request is not HTTP/1.1"};
}

}  // namespace

RequestParser::RequestParser(const FramingLimits& limits, const BodyLimit& body_limit)
    : limits_(limits), body_limit_(body_limit) {
  // The limits of the header are checked before Beast sees it; that of the body once the target
  // is known. Beast takes "no limit" for zero when a length is announced, so it gets the largest
  // number instead.
  header_limit(std::numeric_limits<std::uint32_t>::max());
  this->body_limit(std::numeric_limits<std::uint64_t>::max());
  framed_.request.headers.reserve(16);
}

std::size_t RequestParser::parse(std::string_view bytes, beast::error_code& error) {
  return put(boost::asio::buffer(bytes.data(), bytes.size()), error);
}

Refusal RequestParser::refusalFor(beast::error_code error) const {
  if (refusal_) return *refusal_;
  if (error == beast::http::error::body_limit) {
    return {413, "the body is too large", allowed_body_};
  }
  return refusalOf(error);
}

FramedRequest RequestParser::takeFramed() { return std::move(framed_); }

void RequestParser::refuse(int status, std::string_view detail, beast::error_code& error) {
  refusal_ = Refusal{status, detail};
  error = beast::http::error::bad_value;  // any error stops Beast
}

void RequestParser::on_request_impl(beast::http::verb verb, beast::string_view /*method*/,
                                    beast::string_view target, int version,
                                    beast::error_code& error) {
  const auto method = methodOf(verb);
  if (!method) return refuse(501, "the method is not implemented", error);
  framed_.request.method = *method;
  framed_.target = toStd(target);
  framed_.http10 = version == 10;
}

void RequestParser::on_field_impl(beast::http::field field, beast::string_view name,
                                  beast::string_view value, beast::error_code& error) {
  // Trailer fields come this way too. They are dropped: a trailer must never pass for a header
  // field.
  if (is_header_done()) return;
  const auto text = toStd(value);
  switch (field) {
    case beast::http::field::content_length:
      if (has_length_ || text.find(',') != text.npos) {
        return refuse(400, "more than one Content-Length", error);
      }
      has_length_ = true;
      break;
    case beast::http::field::transfer_encoding:
      if (!equalIgnoringAsciiCase(text, "chunked")) {
        return refuse(501, "no transfer coding but chunked is implemented", error);
      }
      if (framed_.http10) return refuse(400, "HTTP/1.0 has no Transfer-Encoding", error);
      break;
    case beast::http::field::host:
      if (has_host_) return refuse(400, "more than one Host", error);
      if (!isHost(text)) return refuse(400, "bad Host", error);
      has_host_ = true;
      break;
    case beast::http::field::expect:
      if (framed_.http10) break;  // RFC 9110 §10.1.1: ignored from an HTTP/1.0 client
      if (!equalIgnoringAsciiCase(text, "100-continue")) {
        return refuse(417, "no expectation but 100-continue is implemented", error);
      }
      expects_continue_ = true;
      break;
    default:
      break;
  }
  framed_.request.headers.add(toStd(name), std::string(text));
}

void RequestParser::on_header_impl(beast::error_code& error) {
  if (!has_host_ && !framed_.http10) return refuse(400, "no Host", error);
  framed_.keep_alive = keep_alive();
  const auto length = content_length();
  if (!chunked() && (!length || *length == 0)) return;
  const auto limit =
      body_limit_ ? body_limit_(framed_.request.method, framed_.target) : limits_.body;
  if (!limit) {
    skips_body_ = true;
    framed_.keep_alive = false;
    return;
  }
  allowed_body_ = *limit;
  if (length && *length > *limit) {
    error = beast::http::error::body_limit;
    return;
  }
  body_limit(*limit);
}

std::size_t RequestParser::on_body_impl(beast::string_view bytes, beast::error_code&) {
  framed_.request.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, beast::string_view bytes,
                                              beast::error_code&) {
  framed_.request.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

}  // namespace vestibule::http
