#include "support/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include <csignal>
#include <stdexcept>

namespace vestibule::test {
namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

}  // namespace

void TlsEnd::Free::operator()(ssl_st* ssl) const { SSL_free(ssl); }
void TlsEnd::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

TlsEnd::TlsEnd(const TlsClientOptions& options) : context_(SSL_CTX_new(TLS_client_method())) {
  require(context_ != nullptr, "no context");
  // Else it would not offer what the server is to refuse.
  SSL_CTX_set_security_level(context_.get(), 0);
  require(SSL_CTX_set_min_proto_version(context_.get(), options.lowest) == 1 &&
              SSL_CTX_set_max_proto_version(context_.get(), options.highest) == 1,
          "no such version");
  if (options.certificate) {
    require(SSL_CTX_use_certificate_chain_file(context_.get(),
                                               options.certificate->certificate.c_str()) == 1 &&
                SSL_CTX_use_PrivateKey_file(context_.get(), options.certificate->key.c_str(),
                                            SSL_FILETYPE_PEM) == 1,
            "the certificate cannot be used");
  }
  if (!options.ca_file.empty()) {
    require(SSL_CTX_load_verify_locations(context_.get(), options.ca_file.c_str(), nullptr) == 1,
            "the authority cannot be used");
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  }
  ssl_.reset(SSL_new(context_.get()));
  require(ssl_ != nullptr && SSL_set1_host(ssl_.get(), options.host.c_str()) == 1 &&
              SSL_set_alpn_protos(ssl_.get(),
                                  reinterpret_cast<const unsigned char*>(options.alpn.data()),
                                  static_cast<unsigned>(options.alpn.size())) == 0,
          "no connection");
  SSL_set_connect_state(ssl_.get());
}

TlsEnd::~TlsEnd() = default;
TlsEnd::TlsEnd(TlsEnd&& other) noexcept = default;

std::string TlsEnd::serverName() const {
  const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr) return {};
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  return name;
}

std::string TlsEnd::reason() {
  const char* text = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return text != nullptr ? text : "";
}

TlsClient::TlsClient(std::uint16_t port, const TlsClientOptions& options, int receive_buffer)
    : raw_(port, receive_buffer), end_(options) {
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  const timeval patience{10, 0};
  ::setsockopt(raw_.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(raw_.fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  require(SSL_set_fd(end_.ssl(), raw_.fd()) == 1, "no socket");
}

bool TlsClient::handshake() {
  ERR_clear_error();
  if (SSL_do_handshake(end_.ssl()) != 1) return false;
  ssl_st* const ssl = end_.ssl();
  raw_.speakThrough({.receive =
                         [this, ssl](char* buffer, std::size_t size) {
                           ERR_clear_error();
                           const int got = SSL_read(ssl, buffer, static_cast<int>(size));
                           ended_orderly_ = SSL_get_error(ssl, got) == SSL_ERROR_ZERO_RETURN;
                           return static_cast<ssize_t>(got);
                         },
                     .send =
                         [ssl](std::string_view bytes) {
                           ERR_clear_error();
                           return bytes.empty() ||
                                  SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size())) > 0;
                         },
                     .has_input = [ssl] { return SSL_pending(ssl) > 0; }});
  return true;
}

void TlsClient::endSending() {
  ERR_clear_error();
  SSL_shutdown(end_.ssl());
}

}  // namespace vestibule::test
