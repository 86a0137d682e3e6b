#include "matcher/extract/hand_locator.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "matcher/extract/refusal.h"

namespace ladon::matcher::extract {
namespace {

// The picture is divided at this width first. Valleys are sought at the size at which the hand has
// this area, so that a small hand is seen as a large one; lengths below are in its pixels, or in
// parts of the distance between the outer valleys.
constexpr int kFirstWidthPx = 320;
constexpr double kHandAreaPx = 180.0 * 180.0;
constexpr double kHandAreaMin = 0.10;   // Of the picture.
constexpr double kHandContrastMin = 2;  // Hand to background, in grey levels.
constexpr int kThinnerThanFingerPx = 9;
constexpr double kDiscRadiusPx = 14;     // Around a point of the outline: less than a finger.
constexpr double kValleyHandMin = 0.60;  // Of that disc; half of it on a straight edge.
constexpr double kValleysApartMinPx = 22;
constexpr double kTurnMaxDeg = 45;
constexpr double kTurnOrdinaryDeg = 27;
constexpr double kMiddleBelow = -0.1;  // The middle valley, in distances; above is less than 0.
constexpr double kDeeperIsLikelier = 3;
constexpr double kOnHandIsLikelier = 3;
constexpr double kNearerIsLikelier = 2.5;
constexpr double kSpacingRatioMax = 2.2;
constexpr double kOuterApartMinPx = 50;
constexpr double kOuterApartMaxPx = 190;
constexpr double kSide = 1.22;    // Of the palm square, in distances between the outer valleys.
constexpr double kCentre = 0.78;  // How far below their line its centre lies.
constexpr double kSquareOnHandMin = 0.88;

cv::Mat LogarithmOf(const cv::Mat& grey) {
  cv::Mat smooth;
  cv::GaussianBlur(grey, smooth, cv::Size(), 1.5);
  cv::Mat logarithm;
  smooth.convertTo(logarithm, CV_32F);
  constexpr double kDarkNoise = 4;  // Grey levels; below them a ratio says nothing.
  cv::log(logarithm + kDarkNoise, logarithm);
  return logarithm;
}

struct Division {
  cv::Mat bright;       // 255 where the picture is brighter than the threshold.
  double contrast = 0;  // Mean grey level of the bright part / of the dark one.
};

// Otsu's threshold on the logarithm: light falls off towards the fingers by a factor, not by a sum.
Division Divide(const cv::Mat& grey) {
  const cv::Mat logarithm = LogarithmOf(grey);
  double low = 0;
  double high = 0;
  cv::minMaxLoc(logarithm, &low, &high);
  Division division;
  const double span = std::max(high - low, 1e-3);
  cv::Mat levels;
  logarithm.convertTo(levels, CV_8U, 255 / span, -low * 255 / span);
  cv::threshold(levels, division.bright, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
  const double bright = cv::mean(logarithm, division.bright)[0];
  const double dark = cv::mean(logarithm, ~division.bright)[0];
  division.contrast = std::exp(bright - dark);
  return division;
}

cv::Mat AtScale(const cv::Mat& grey, double scale) {
  const cv::Size size(std::max(1, cvRound(grey.cols * scale)),
                      std::max(1, cvRound(grey.rows * scale)));
  cv::Mat scaled;
  cv::resize(grey, scaled, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  return scaled;
}

cv::Mat AtFirstWidth(const cv::Mat& grey) {
  return AtScale(grey, static_cast<double>(kFirstWidthPx) / grey.cols);
}

struct Part {
  cv::Mat mask;
  int area_px = 0;
};

Part LargestPart(const cv::Mat& bright) {
  cv::Mat labels;
  cv::Mat figures;
  cv::Mat centres;
  const int parts = cv::connectedComponentsWithStats(bright, labels, figures, centres, 4);
  Part largest;
  int number = 0;
  for (int part = 1; part < parts; ++part) {
    if (const int area = figures.at<int>(part, cv::CC_STAT_AREA); area > largest.area_px) {
      largest.area_px = area;
      number = part;
    }
  }
  if (number > 0) largest.mask = labels == number;
  return largest;
}

struct Hand {
  cv::Mat mask;      // 255 is hand; empty if there is none.
  double scale = 1;  // Of the mask to the picture.
};

Hand FindHand(const cv::Mat& grey) {
  const cv::Mat small = AtFirstWidth(grey);
  const Division first = Divide(small);
  const int area_px = LargestPart(first.bright).area_px;
  if (first.contrast < kHandContrastMin) return {};
  if (area_px < kHandAreaMin * static_cast<double>(small.total())) return {};
  Hand hand;
  const double first_scale = static_cast<double>(kFirstWidthPx) / grey.cols;
  hand.scale = first_scale * std::sqrt(kHandAreaPx / area_px);
  const Division division = Divide(AtScale(grey, hand.scale));
  // Reflections and things in the background that touch the hand are thinner than a finger.
  cv::Mat bright;
  const cv::Size finger(2 * kThinnerThanFingerPx + 1, 2 * kThinnerThanFingerPx + 1);
  cv::morphologyEx(division.bright, bright, cv::MORPH_OPEN,
                   cv::getStructuringElement(cv::MORPH_ELLIPSE, finger));
  hand.mask = LargestPart(bright).mask;
  return hand;
}

struct Valley {
  cv::Point2d at;
  double hand = 0;  // Part of the disc that is hand.
};

// Points of the outline with most hand around them: between fingers, and between thumb and palm.
std::vector<Valley> FindValleys(const cv::Mat& mask) {
  const int radius = cvRound(kDiscRadiusPx);
  cv::Mat disc = cv::Mat::zeros(2 * radius + 1, 2 * radius + 1, CV_32F);
  cv::circle(disc, cv::Point(radius, radius), radius, cv::Scalar(1), cv::FILLED);
  disc /= cv::sum(disc)[0];
  cv::Mat filled;
  mask.convertTo(filled, CV_32F, 1.0 / 255);
  cv::Mat around;
  cv::filter2D(filled, around, CV_32F, disc, cv::Point(-1, -1), 0, cv::BORDER_CONSTANT);

  std::vector<std::vector<cv::Point>> outlines;
  cv::findContours(mask, outlines, cv::RETR_CCOMP, cv::CHAIN_APPROX_NONE);
  std::vector<Valley> points;
  for (const std::vector<cv::Point>& outline : outlines) {
    for (const cv::Point& p : outline) {
      const double hand = around.at<float>(p);
      const bool inside = p.x > 1 && p.y > 1 && p.x < mask.cols - 2 && p.y < mask.rows - 2;
      if (inside && hand >= kValleyHandMin) points.push_back({p, hand});
    }
  }
  std::sort(points.begin(), points.end(),
            [](const Valley& a, const Valley& b) { return a.hand > b.hand; });
  // The best of each neighbourhood, moved to the middle of what is as good.
  std::vector<Valley> valleys;
  for (const Valley& point : points) {
    const bool near = std::any_of(valleys.begin(), valleys.end(), [&](const Valley& v) {
      return cv::norm(v.at - point.at) < kValleysApartMinPx;
    });
    if (!near) valleys.push_back(point);
  }
  for (Valley& valley : valleys) {
    constexpr double kAsGood = 0.03;
    cv::Point2d sum;
    double weight = 0;
    for (const Valley& point : points) {
      const double better = point.hand - (valley.hand - kAsGood);
      if (better <= 0 || cv::norm(point.at - valley.at) > kValleysApartMinPx / 2) continue;
      sum += better * point.at;
      weight += better;
    }
    valley.at = sum / weight;
  }
  constexpr size_t kValleysMax = 12;
  if (valleys.size() > kValleysMax) valleys.resize(kValleysMax);
  std::sort(valleys.begin(), valleys.end(),
            [](const Valley& a, const Valley& b) { return a.at.x < b.at.x; });
  return valleys;
}

double TurnDeg(const cv::Point2d& left, const cv::Point2d& right) {
  return std::atan2(right.y - left.y, right.x - left.x) * 180 / std::numbers::pi;
}

// How unlike three finger valleys these are, from 0; nothing if they cannot be.
std::optional<double> Unlikeness(const Valley& left, const Valley& middle, const Valley& right) {
  const cv::Point2d line = right.at - left.at;
  const double apart = cv::norm(line);
  if (apart < kOuterApartMinPx || apart > kOuterApartMaxPx) return std::nullopt;
  const double turn = TurnDeg(left.at, right.at);
  if (std::abs(turn) > kTurnMaxDeg) return std::nullopt;
  const cv::Point2d to_middle = middle.at - left.at;
  const double along = to_middle.dot(line) / (apart * apart);
  const double below = (line.x * to_middle.y - line.y * to_middle.x) / (apart * apart);
  const double ratio = std::max(along, 1 - along) / std::max(1e-6, std::min(along, 1 - along));
  if (ratio > kSpacingRatioMax || below > 0.12 || below < -0.35) return std::nullopt;
  const double turned_too_far = std::max(0.0, std::abs(turn) - kTurnOrdinaryDeg);
  const double shallow = 3 - left.hand - middle.hand - right.hand;
  return turned_too_far / (kTurnMaxDeg - kTurnOrdinaryDeg) + std::log(ratio) +
         2 * std::abs(below - kMiddleBelow) + kNearerIsLikelier * apart / kOuterApartMaxPx +
         kDeeperIsLikelier * shallow;
}

PalmPlace PlaceBelow(const std::array<Valley, 3>& valleys) {
  const cv::Point2d left = valleys[0].at;
  const cv::Point2d right = valleys[2].at;
  const cv::Point2d line = right - left;
  PalmPlace place;
  for (size_t i = 0; i < valleys.size(); ++i) place.valleys[i] = valleys[i].at;
  place.centre = (left + right) / 2 + kCentre * cv::Point2d(-line.y, line.x);
  place.side_px = kSide * cv::norm(line);
  place.rotation_deg = TurnDeg(left, right);
  return place;
}

double OnHand(const cv::Mat& mask, const PalmPlace& place) {
  const cv::RotatedRect square(place.centre, cv::Size2d(place.side_px, place.side_px),
                               static_cast<float>(place.rotation_deg));
  std::array<cv::Point2f, 4> corners;
  square.points(corners.data());
  std::array<cv::Point, 4> polygon;
  std::copy(corners.begin(), corners.end(), polygon.begin());
  cv::Mat drawn = cv::Mat::zeros(mask.size(), CV_8U);
  cv::fillConvexPoly(drawn, polygon.data(), 4, cv::Scalar(255));
  const double seen = cv::countNonZero(drawn & mask);
  return std::min(1.0, seen / (place.side_px * place.side_px));  // The drawn edge counts twice.
}

struct Candidate {
  PalmPlace place;
  double on_hand = 0;
};

std::optional<Candidate> BestPlace(const std::vector<Valley>& valleys, const cv::Mat& mask) {
  std::optional<Candidate> best;
  double least = 1e9;
  for (size_t a = 0; a < valleys.size(); ++a) {
    for (size_t b = a + 1; b < valleys.size(); ++b) {
      for (size_t c = b + 1; c < valleys.size(); ++c) {
        auto unlike = Unlikeness(valleys[a], valleys[b], valleys[c]);
        if (!unlike.has_value() || *unlike >= least) continue;
        const PalmPlace place = PlaceBelow({valleys[a], valleys[b], valleys[c]});
        const double on_hand = OnHand(mask, place);
        *unlike += kOnHandIsLikelier * (1 - on_hand);
        if (*unlike >= least) continue;
        least = *unlike;
        best = {place, on_hand};
      }
    }
  }
  return best;
}

void Enlarge(PalmPlace& place, double factor) {
  for (cv::Point2d& valley : place.valleys) valley *= factor;
  place.centre *= factor;
  place.side_px *= factor;
}

}  // namespace

bool IsWholeHandPicture(const cv::Mat& grey) {
  const cv::Mat small = AtFirstWidth(grey);
  const Division division = Divide(small);
  if (division.contrast < kHandContrastMin) return false;
  const int frame_px = std::max(1, std::min(small.cols, small.rows) / 40);
  cv::Mat frame(small.size(), CV_8U, cv::Scalar(255));
  frame(cv::Rect(frame_px, frame_px, small.cols - 2 * frame_px, small.rows - 2 * frame_px)) = 0;
  const double dark = cv::countNonZero(~division.bright & frame);
  return dark > 0.5 * cv::countNonZero(frame);
}

absl::StatusOr<PalmPlace> LocatePalm(const cv::Mat& grey) {
  const Hand hand = FindHand(grey);
  if (hand.mask.empty()) return Refuse(kHandAbsent, "no hand is seen before a dark background");
  std::optional<Candidate> best = BestPlace(FindValleys(hand.mask), hand.mask);
  if (!best.has_value()) {
    return Refuse(kFingersClosed,
                  "the three valleys between the fingers are not seen; spread the fingers a little "
                  "and hold them up");
  }
  if (best->on_hand < kSquareOnHandMin) {
    return Refuse(kHandCutOff, "a part of the palm lies outside the picture");
  }
  Enlarge(best->place, 1 / hand.scale);
  return best->place;
}

cv::Mat CutPalmRegion(const cv::Mat& grey, const PalmPlace& place) {
  const double scale = kPalmRegionSidePx / place.side_px;
  cv::Mat pose = cv::getRotationMatrix2D(place.centre, place.rotation_deg, scale);
  pose.at<double>(0, 2) += kPalmRegionSidePx / 2.0 - place.centre.x;
  pose.at<double>(1, 2) += kPalmRegionSidePx / 2.0 - place.centre.y;
  cv::Mat source = grey;
  if (scale < 0.7) cv::GaussianBlur(grey, source, cv::Size(), 0.35 / scale);
  cv::Mat region;
  cv::warpAffine(source, region, pose, cv::Size(kPalmRegionSidePx, kPalmRegionSidePx),
                 cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return region;
}

}  // namespace ladon::matcher::extract
