#include "http/connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <typeinfo>

#include "base/log.h"
#include "http/connection_keeper.h"
#include "http/dispatcher.h"

namespace vestibule::http {
namespace {

/// The most bytes read and thrown away before a connection is cut: a client that never stops
/// sending must not keep an I/O thread busy.
constexpr std::size_t kDiscardLimit = 8UL * 1024 * 1024;

/// How many requests of one connection are answered on the I/O thread within a window. What is
/// beyond goes to the workers, so that a client that floods cheap requests does not starve the
/// other connections of its thread.
constexpr int kInlineAnswers = 100;
constexpr std::chrono::milliseconds kInlineWindow{10};

}  // namespace

Connection::Connection(std::shared_ptr<ConnectionSettings> settings, UniqueFd socket,
                       std::string peer)
    : settings_(std::move(settings)),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      deadline_(Clock::time_point::max().time_since_epoch().count()),
      framer_(settings_->limits,
              [settings = settings_.get()](Method method, std::string_view target) {
                return settings->dispatcher->bodyLimit(method, target);
              }) {
  settings_->open.fetch_add(1);
}

Connection::~Connection() {
  settings_->held.fetch_sub(accounted_);
  settings_->open.fetch_sub(1);
}

Connection::Clock::time_point Connection::deadline() const {
  return Clock::time_point(Clock::duration(deadline_.load(std::memory_order_relaxed)));
}

template <typename Function>
void Connection::guarded(Function function) {
  const std::lock_guard lock(mutex_);
  try {
    function();
  } catch (const std::exception& exception) {
    spdlog::error("a connection ended by an exception of type {}", typeid(exception).name());
    abort();
  }
}

void Connection::start() {
  guarded([&] {
    awaiting_ = Awaiting::kRequest;
    setDeadline(settings_->timeouts.idle);
  });
}

void Connection::onInput(std::string_view bytes) {
  guarded([&] {
    switch (state_) {
      case State::kReading:
        framer_.append(bytes);
        advance(true);
        break;
      case State::kServing:
      case State::kWriting:
        keepForLater(bytes);
        break;
      case State::kLingering:
        discard(bytes.size());
        break;
      case State::kClosed:
        break;
    }
  });
}

void Connection::onHangUp() {
  guarded([&] {
    hung_up_ = true;
    if (state_ == State::kReading || state_ == State::kLingering) close();
  });
}

void Connection::answer(const Response& response) {
  guarded([&] {
    if (state_ != State::kServing) return;
    send(response);
    advance(false);
  });
}

void Connection::onTime(Clock::time_point now) {
  guarded([&] {
    if (now >= deadline()) giveUp();
  });
}

bool Connection::onWritable() {
  bool more = false;
  guarded([&] {
    if (state_ != State::kWriting) return;
    if (writePending()) {
      afterAnswer();
      advance(false);
    } else {
      more = state_ == State::kWriting;
    }
  });
  return more;
}

void Connection::cut() {
  guarded([&] {
    if (state_ == State::kServing || state_ == State::kWriting) {
      abort();
    } else {
      close();
    }
  });
}

/// Pistache cannot be told to stop reading, so what is pipelined must fit the backlog.
void Connection::keepForLater(std::string_view bytes) {
  if (overrun_ || framer_.backlog() + bytes.size() > settings_->backlog) {
    overrun_ = true;
    discard(bytes.size());
  } else {
    framer_.append(bytes);
    account();
  }
}

/// The client has taken too long.
void Connection::giveUp() {
  switch (state_) {
    case State::kReading:
      if (awaiting_ == Awaiting::kRequest) {
        close();
      } else {
        refuse({408, "the request took too long"});
      }
      break;
    case State::kWriting:
      abort();
      break;
    case State::kLingering:
      if (discarded_ > 0) {
        abort();
      } else {
        close();
      }
      break;
    case State::kServing:
    case State::kClosed:
      clearDeadline();
      break;
  }
}

/// Serves what is complete, one request after the other, until one has to be waited for.
void Connection::advance(bool on_io_thread) {
  while (state_ == State::kReading) {
    switch (framer_.next()) {
      case Framer::Progress::kNeedMore:
        account();
        awaitMore();
        return;
      case Framer::Progress::kRefused:
        refuse(framer_.refusal());
        return;
      case Framer::Progress::kComplete:
        serve(framer_.take(), on_io_thread);
        break;
    }
  }
}

/// Sets the clock of what is missing; a clock that runs already is never pushed back.
void Connection::awaitMore() {
  if (hung_up_) return close();
  if (settings_->held.load(std::memory_order_relaxed) > settings_->memory && framer_.inBody()) {
    return refuse({503, "the server is busy"});
  }
  auto awaited = Awaiting::kRequest;
  auto limit = settings_->timeouts.idle;
  if (framer_.inBody()) {
    awaited = Awaiting::kBody;
    limit = settings_->timeouts.body;
  } else if (framer_.inRequest()) {
    awaited = Awaiting::kHeader;
    limit = settings_->timeouts.header;
  }
  if (awaited != awaiting_) {
    awaiting_ = awaited;
    setDeadline(limit);
  }
  if (framer_.takeContinue()) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto sent = ::send(socket_.get(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL);
    // A client that has no room for 25 bytes has not read its earlier answers.
    if (sent != static_cast<ssize_t>(kContinue.size())) close();
  }
}

void Connection::refuse(const Refusal& refusal) {
  form_ = {};
  enter(State::kServing);
  send(settings_->dispatcher->refuse(refusal, {}));
}

void Connection::serve(FramedRequest framed, bool on_io_thread) {
  settings_->requests.fetch_add(1, std::memory_order_relaxed);
  form_ = {.keep_alive = framed.keep_alive,
           .http10 = framed.http10,
           .head = framed.request.method == Method::kHead};
  request_size_ = framed.request.body.size();
  framed.request.peer = peer_;
  enter(State::kServing);
  account();
  auto late = [self = shared_from_this()](const Response& response) { self->answer(response); };
  auto& dispatcher = *settings_->dispatcher;
  std::optional<Response> ready;
  if (on_io_thread && !mayAnswerHere()) {
    ready = dispatcher.defer(std::move(framed), std::move(late));
    if (ready) form_.keep_alive = false;  // a flood, and no worker has time for it
  } else {
    ready = dispatcher.dispatch(std::move(framed), on_io_thread, std::move(late));
  }
  if (ready) send(*ready);
}

bool Connection::mayAnswerHere() {
  const auto now = Clock::now();
  if (now - inline_window_ > kInlineWindow) {
    inline_window_ = now;
    inline_answers_ = 0;
  }
  return ++inline_answers_ <= kInlineAnswers;
}

/// Sends the answer, or as much of it as the socket takes; the keeper sends the rest.
void Connection::send(const Response& response) {
  if (overrun_ || settings_->dispatcher->draining()) form_.keep_alive = false;
  pending_ = serialize(response, form_);
  written_ = 0;
  if (writePending()) return afterAnswer();
  if (state_ == State::kClosed) return;
  enter(State::kWriting);
  setDeadline(settings_->timeouts.write);
  settings_->keeper->finishWriting(shared_from_this());
}

/// True when everything is written. False when the socket is full, and when the connection has
/// broken and is now closed.
bool Connection::writePending() {
  while (written_ < pending_.size()) {
    const auto sent = ::send(socket_.get(), pending_.data() + written_, pending_.size() - written_,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      written_ += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return false;
    } else if (errno != EINTR) {
      close();
      return false;
    }
  }
  return true;
}

void Connection::afterAnswer() {
  pending_ = {};
  request_size_ = 0;
  if (form_.keep_alive && !overrun_) {
    enter(State::kReading);
    awaiting_ = Awaiting::kNothing;
    clearDeadline();
    return;
  }
  // Closing now could destroy the answer: the kernel resets a connection that is closed with input
  // unread.
  if (hung_up_) return close();
  ::shutdown(socket_.get(), SHUT_WR);
  enter(State::kLingering);
  setDeadline(settings_->timeouts.linger);
  account();
}

void Connection::discard(std::size_t size) {
  discarded_ += size;
  if (discarded_ > kDiscardLimit) abort();
}

void Connection::enter(State state) {
  const auto busy = [](State s) { return s == State::kServing || s == State::kWriting; };
  if (busy(state) && !busy(state_)) settings_->answering.fetch_add(1);
  if (!busy(state) && busy(state_)) settings_->answering.fetch_sub(1);
  if (state == State::kServing) clearDeadline();
  state_ = state;
}

void Connection::setDeadline(std::chrono::milliseconds from_now) {
  deadline_.store((Clock::now() + from_now).time_since_epoch().count(), std::memory_order_relaxed);
}

void Connection::clearDeadline() {
  deadline_.store(Clock::time_point::max().time_since_epoch().count(), std::memory_order_relaxed);
}

void Connection::account() {
  const auto holds =
      state_ == State::kReading || state_ == State::kServing || state_ == State::kWriting
          ? framer_.held() + request_size_
          : 0;
  // Unsigned arithmetic wraps, so a smaller number subtracts.
  if (holds != accounted_) settings_->held.fetch_add(holds - accounted_, std::memory_order_relaxed);
  accounted_ = holds;
}

/// Closes by a reset. For clients that go on sending, or do not read: after an orderly close the
/// kernel would keep the socket for a minute, offering the rest of the answer or leaving the
/// client's bytes without a word.
void Connection::abort() {
  const linger at_once{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

/// Pistache sees the end of the stream, drops its own descriptor and its part in this object.
void Connection::close() {
  if (state_ == State::kClosed) return;
  enter(State::kClosed);
  clearDeadline();
  ::shutdown(socket_.get(), SHUT_RDWR);
  pending_ = {};
  account();
}

}  // namespace vestibule::http
