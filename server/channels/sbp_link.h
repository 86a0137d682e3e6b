// The link in the QR code of a payment by the System of Fast Payments (SBP, NSPK):
//
//   https://qr.nspk.ru/<id>?type=02&bank=100000000284&sum=15590000&cur=RUB&crc=4C8A
//
// `crc` is CRC-16/CCITT-FALSE (polynomial 0x1021, first value 0xFFFF, not reflected) of all that
// stands before "&crc=", in four hex digits of upper case. A bank makes the link; we look at it
// before a parent is asked to pay by it. Threading: pure functions.
#ifndef LADON_SERVER_CHANNELS_SBP_LINK_H_
#define LADON_SERVER_CHANNELS_SBP_LINK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace ladon::channels {

inline constexpr size_t kSbpLinkBytesMax = 512;

[[nodiscard]] uint16_t SbpCrc(std::string_view text);
// `text` with its crc behind it.
[[nodiscard]] std::string WithSbpCrc(std::string_view text);
// InvalidArgument: no link of qr.nspk.ru, too long, not of printable ASCII, or its crc is missing,
// wrong or not at its end.
[[nodiscard]] absl::Status CheckSbpLink(std::string_view link);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_SBP_LINK_H_
