#include "support/tls_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <stdexcept>

namespace vestibule::test {
namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

}  // namespace

TlsServer::TlsServer(const Certificate& certificate, Answer answer)
    : answer_(std::move(answer)), context_(SSL_CTX_new(TLS_server_method())) {
  // Clients hang up when it suits them.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  require(context_ != nullptr &&
              SSL_CTX_use_certificate_chain_file(context_, certificate.certificate.c_str()) == 1 &&
              SSL_CTX_use_PrivateKey_file(context_, certificate.key.c_str(), SSL_FILETYPE_PEM) == 1,
          "the certificate cannot be used");
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  require(listener_ >= 0 && ::bind(listener_, generic, size) == 0 && ::listen(listener_, 64) == 0 &&
              ::getsockname(listener_, generic, &size) == 0,
          "the server cannot listen");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept(); });
}

TlsServer::~TlsServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (auto& connection : connections_) connection.join();
  ::close(listener_);
  SSL_CTX_free(context_);
}

void TlsServer::accept() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    connections_.emplace_back([this, socket] { serve(socket); });
  }
}

void TlsServer::serve(int socket) {
  {
    const std::unique_ptr<SSL, FreeSsl> ssl(SSL_new(context_));
    SSL_set_fd(ssl.get(), socket);
    std::string request;
    if (SSL_accept(ssl.get()) == 1) {
      std::array<char, 4'096> buffer{};
      while (request.find("\r\n\r\n") == std::string::npos) {
        const int size = SSL_read(ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
        if (size <= 0) break;
        request.append(buffer.data(), static_cast<std::size_t>(size));
      }
    }
    if (request.find("\r\n\r\n") != std::string::npos) {
      ++requests_;
      const std::string bytes = answer_(request);
      SSL_write(ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
      SSL_shutdown(ssl.get());
    }
  }
  ::close(socket);
}

std::string httpAnswer(const std::string& body, const std::vector<std::string>& lines,
                       const std::string& status) {
  std::string text = "HTTP/1.1 " + status + "\r\nContent-Type: application/jwk-set+json\r\n";
  for (const auto& line : lines) text += line + "\r\n";
  return text + "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" +
         body;
}

}  // namespace vestibule::test
