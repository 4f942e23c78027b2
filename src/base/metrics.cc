#include "base/metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace vestibule {
namespace {

void writeHead(std::string& out, std::string_view name, std::string_view type,
               std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

/// `name="value"`, with the value escaped as the format wants it.
void appendPair(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty()) out += ',';
  out.append(name).append("=\"");
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

/// The labels of every combination, without braces.
std::vector<std::string> seriesOf(const std::vector<Label>& labels) {
  std::vector<std::string> all{""};
  for (const Label& label : labels) {
    std::vector<std::string> longer;
    longer.reserve(all.size() * label.values.size());
    for (const std::string& begin : all) {
      for (const std::string& value : label.values) {
        std::string series = begin;
        appendPair(series, label.name, value);
        longer.push_back(std::move(series));
      }
    }
    all = std::move(longer);
  }
  return all;
}

void appendNumber(std::string& out, std::uint64_t number) { out += std::to_string(number); }

void appendNumber(std::string& out, double number) {
  // What counts bytes or seconds of the epoch is easier to read in full.
  constexpr double kWhole = 1e15;
  if (number >= 0 && number < kWhole && number == std::floor(number)) {
    return appendNumber(out, static_cast<std::uint64_t>(number));
  }
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::general).ptr;
  out.append(text.data(), end);
}

template <typename Number>
void writeLine(std::string& out, std::string_view name, std::string_view series, Number value) {
  out += name;
  if (!series.empty()) out.append("{").append(series).append("}");
  out += ' ';
  appendNumber(out, value);
  out += '\n';
}

constexpr double kPerSecond = 1e9;

/// The bounds as the label `le` spells them.
const std::vector<std::string>& boundTexts() {
  static const std::vector<std::string> kTexts = [] {
    std::vector<std::string> texts;
    for (const auto bound : Histogram::kBounds) {
      appendNumber(texts.emplace_back(), std::chrono::duration<double>(bound).count());
    }
    texts.emplace_back("+Inf");
    return texts;
  }();
  return kTexts;
}

void write(std::string& out, const Reading& reading) {
  const auto samples = reading.read();
  if (samples.empty()) return;
  writeHead(out, reading.name, reading.type == Reading::Type::kCounter ? "counter" : "gauge",
            reading.help);
  for (const Sample& sample : samples) {
    std::string series;
    for (const auto& [name, value] : sample.labels) appendPair(series, name, value);
    writeLine(out, reading.name, series, sample.value);
  }
}

template <typename Metric>
void write(std::string& out, const std::unique_ptr<Metric>& metric) {
  metric->write(out);
}

}  // namespace

Counter::Counter(std::string name, std::string help, const std::vector<Label>& labels)
    : name_(std::move(name)),
      help_(std::move(help)),
      series_(seriesOf(labels)),
      counts_(series_.size()) {}

void Counter::write(std::string& out) const {
  writeHead(out, name_, "counter", help_);
  for (std::size_t i = 0; i < series_.size(); ++i) {
    writeLine(out, name_, series_[i], counts_[i].load(std::memory_order_relaxed));
  }
}

Histogram::Histogram(std::string name, std::string help, const std::vector<Label>& labels)
    : name_(std::move(name)),
      help_(std::move(help)),
      series_(seriesOf(labels)),
      cells_(series_.size()) {}

void Histogram::observe(std::size_t place, std::chrono::nanoseconds time) {
  time = std::max(time, std::chrono::nanoseconds::zero());
  // `le`: a bound belongs to its own bucket.
  const auto* const bound = std::lower_bound(kBounds.begin(), kBounds.end(), time);
  Cells& cells = cells_.at(place);
  cells.buckets[static_cast<std::size_t>(bound - kBounds.begin())].fetch_add(
      1, std::memory_order_relaxed);
  cells.nanoseconds.fetch_add(static_cast<std::uint64_t>(time.count()), std::memory_order_relaxed);
}

void Histogram::write(std::string& out) const {
  writeHead(out, name_, "histogram", help_);
  const std::string bucket_name = name_ + "_bucket";
  for (std::size_t i = 0; i < series_.size(); ++i) {
    const Cells& cells = cells_[i];
    const auto nanoseconds = cells.nanoseconds.load(std::memory_order_relaxed);
    std::uint64_t count = 0;
    for (std::size_t bucket = 0; bucket < cells.buckets.size(); ++bucket) {
      count += cells.buckets[bucket].load(std::memory_order_relaxed);
      std::string series = series_[i];
      appendPair(series, "le", boundTexts()[bucket]);
      writeLine(out, bucket_name, series, count);
    }
    writeLine(out, name_ + "_sum", series_[i], static_cast<double>(nanoseconds) / kPerSecond);
    writeLine(out, name_ + "_count", series_[i], count);
  }
}

Counter& Metrics::addCounter(std::string name, std::string help, const std::vector<Label>& labels) {
  all_.emplace_back(std::make_unique<Counter>(std::move(name), std::move(help), labels));
  return *std::get<std::unique_ptr<Counter>>(all_.back());
}

Histogram& Metrics::addHistogram(std::string name, std::string help,
                                 const std::vector<Label>& labels) {
  all_.emplace_back(std::make_unique<Histogram>(std::move(name), std::move(help), labels));
  return *std::get<std::unique_ptr<Histogram>>(all_.back());
}

void Metrics::addReading(Reading reading) { all_.emplace_back(std::move(reading)); }

std::string Metrics::text() const {
  std::string out;
  for (const auto& metric : all_) {
    std::visit([&](const auto& one) { write(out, one); }, metric);
  }
  return out;
}

}  // namespace vestibule
