#pragma once
// Boost.Beast's parser, filling a FramedRequest. For http/framing.cc.

// With sanitizers gcc takes an empty boost::optional for an uninitialised one.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <boost/beast/http/basic_parser.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/framing.h"
#include "http/refusal.h"

namespace vestibule::http {

/// Parses one request. Besides what Beast refuses, it refuses what the RFC leaves open. Not
/// thread-safe.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  /// Both must outlive this. How large the header may be is left to the caller.
  RequestParser(const FramingLimits& limits, const BodyLimit& body_limit);

  /// Takes as many of the bytes as it can, and says how many: the header at once, of a body one
  /// piece. Error need_more where a piece is not complete; any other ends the request.
  std::size_t parse(std::string_view bytes, boost::beast::error_code& error);

  /// Why parsing ended in this error.
  [[nodiscard]] Refusal refusalFor(boost::beast::error_code error) const;
  [[nodiscard]] FramedRequest takeFramed();
  [[nodiscard]] std::size_t bodySize() const { return framed_.request.body.size(); }
  [[nodiscard]] bool expectsContinue() const { return expects_continue_; }
  /// True when no handler takes the request, so that its body is not worth reading.
  [[nodiscard]] bool skipsBody() const { return skips_body_; }

 private:
  void refuse(int status, std::string_view detail, boost::beast::error_code& error);

  void on_request_impl(boost::beast::http::verb verb, boost::beast::string_view method,
                       boost::beast::string_view target, int version,
                       boost::beast::error_code& error) override;
  void on_response_impl(int, boost::beast::string_view, int, boost::beast::error_code&) override {}
  void on_field_impl(boost::beast::http::field field, boost::beast::string_view name,
                     boost::beast::string_view value, boost::beast::error_code& error) override;
  void on_header_impl(boost::beast::error_code& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&,
                         boost::beast::error_code&) override {}
  std::size_t on_body_impl(boost::beast::string_view bytes, boost::beast::error_code&) override;
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view,
                            boost::beast::error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view bytes,
                                 boost::beast::error_code&) override;
  void on_finish_impl(boost::beast::error_code&) override {}

  const FramingLimits& limits_;
  const BodyLimit& body_limit_;
  FramedRequest framed_;
  std::optional<Refusal> refusal_;
  std::uint64_t allowed_body_ = 0;
  bool has_length_ = false;
  bool has_host_ = false;
  bool expects_continue_ = false;
  bool skips_body_ = false;
};

}  // namespace vestibule::http
