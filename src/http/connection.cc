#include "http/connection.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
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

/// How much of a window the bodies of one connection may keep its I/O thread busy. The thread reads
/// as long as there is something to read, so a client that sends without a pause has it to itself.
constexpr std::chrono::milliseconds kBodyWindow{100};
constexpr std::chrono::milliseconds kBodyTime{25};
/// What a byte of a body may cost besides: a large body that comes fast is no flood, while one in
/// chunks of a byte costs several times as much.
constexpr std::chrono::nanoseconds kTimePerByte{20};
/// What reading some bytes from the socket costs before they come here, about.
constexpr std::chrono::microseconds kReadCost{2};

/// The processor time of this thread: what others do to the machine is not the client's fault.
std::chrono::nanoseconds threadTime() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

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
        read(bytes);
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

void Connection::answer(Response response) {
  guarded([&] {
    if (state_ != State::kServing) return;
    send(std::move(response));
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
    const auto written_before = written_;
    if (writePending()) {
      afterWriting();
      advance(false);
      return;
    }
    more = state_ == State::kWriting;
    if (more && written_ > written_before) setDeadline(settings_->timeouts.write);
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

/// Takes bytes while a request is awaited, and keeps the time that those of bodies cost.
void Connection::read(std::string_view bytes) {
  const bool in_body = framer_.inBody();
  const auto begin = in_body ? threadTime() : std::chrono::nanoseconds::zero();
  const auto size_before = framer_.bodySize();
  framer_.append(bytes);
  advance(true);
  if (!in_body) return;
  body_time_ += threadTime() - begin + kReadCost;
  // A body that is complete is not there any more, and needs no allowance.
  body_bytes_ += framer_.bodySize() - std::min(size_before, framer_.bodySize());
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
  if (framer_.inBody() &&
      (settings_->held.load(std::memory_order_relaxed) > settings_->memory || hogsThread())) {
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

/// True when bodies of this connection have kept its thread from all others for too long.
bool Connection::hogsThread() {
  const auto now = Clock::now();
  if (now - body_window_ > kBodyWindow) {
    body_window_ = now;
    body_time_ = {};
    body_bytes_ = 0;
  }
  return body_time_ > kBodyTime + kTimePerByte * body_bytes_;
}

void Connection::refuse(const Refusal& refusal) {
  form_ = {};
  enter(State::kServing);
  send(settings_->dispatcher->refuse(refusal));
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
  const bool here = on_io_thread && mayAnswerHere();
  auto ready = settings_->dispatcher->dispatch(
      std::move(framed), here,
      [self = shared_from_this()](Response response) { self->answer(std::move(response)); });
  if (!ready) return;
  if (!here) form_.keep_alive = false;  // many requests at once, and no worker has time for them
  send(*std::move(ready));
}

bool Connection::mayAnswerHere() {
  const auto now = Clock::now();
  if (now - inline_window_ > kInlineWindow) {
    inline_window_ = now;
    inline_answers_ = 0;
  }
  return ++inline_answers_ <= kInlineAnswers;
}

void Connection::send(Response response) {
  if (overrun_ || settings_->dispatcher->draining()) form_.keep_alive = false;
  request_size_ = 0;
  form_.streamed = response.rest != nullptr;
  if (form_.streamed && form_.http10) form_.keep_alive = false;  // its end is the end of the body
  const bool bodiless = form_.head || response.status == 204 || response.status == 304;
  source_ = bodiless ? nullptr : std::exchange(response.rest, nullptr);
  write(serialize(std::move(response), form_));
}

void Connection::goOn(BodySource source) {
  auto piece = source();
  guarded([&] {
    if (state_ != State::kServing) return;
    sendPiece(std::move(source), std::move(piece));
    advance(false);
  });
}

void Connection::sendPiece(BodySource source, Result<std::string> piece) {
  if (!piece) {
    spdlog::error("an answer was cut off because the rest of it cannot be made: {}",
                  piece.error().internal.empty() ? piece.error().detail : piece.error().internal);
    return abort();
  }
  if (!piece->empty()) source_ = std::move(source);
  write(serializePiece(*std::move(piece), form_));
}

/// Sends the bytes, or as many of them as the socket takes; the keeper sends the others.
void Connection::write(AnswerBytes bytes) {
  pending_ = std::move(bytes);
  written_ = 0;
  if (writePending()) return afterWriting();
  if (state_ == State::kClosed) return;
  enter(State::kWriting);
  account();
  if (settings_->held.load(std::memory_order_relaxed) > settings_->memory) return abort();
  setDeadline(settings_->timeouts.write);
  settings_->keeper->finishWriting(shared_from_this());
}

/// True when everything is written. False when the socket is full, and when the connection has
/// broken and is now closed.
bool Connection::writePending() {
  const auto piece = [](std::string& text, std::size_t from) {
    from = std::min(from, text.size());
    return iovec{text.data() + from, text.size() - from};
  };
  while (written_ < pending_.size()) {
    const auto head_size = pending_.head.size();
    std::array<iovec, 2> pieces{
        piece(pending_.head, written_),
        piece(pending_.body, written_ > head_size ? written_ - head_size : 0)};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const auto sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
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

/// What was pending is written: that was all, or a worker makes more.
void Connection::afterWriting() {
  pending_ = {};
  if (!source_) return afterAnswer();
  enter(State::kServing);
  account();
  const bool resumed = settings_->dispatcher->resume(
      [self = shared_from_this(), source = std::exchange(source_, nullptr)](bool running) {
        if (running) {
          self->goOn(source);
        } else {
          self->cut();
        }
      });
  if (!resumed) abort();
}

void Connection::afterAnswer() {
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
          ? framer_.held() + request_size_ + pending_.size()
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
  source_ = nullptr;
  account();
}

}  // namespace vestibule::http
