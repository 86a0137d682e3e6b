# The four Debian packages, by CPack: `./dev package` builds them, tests/deploy/package_test.py
# installs, upgrades and removes them in a clean root. What they bring is installed here, in one place;
# what they do when they come and go is in deploy/package.
set(units ${CMAKE_SOURCE_DIR}/deploy)
set(share ${CMAKE_INSTALL_DATADIR})

# ladon_package(component package SECTION s SUMMARY line DESCRIPTION text (no semicolon in it) PROGRAMS target ... [ADMIN target ...])
# PROGRAMS: manual section 1; ADMIN: section 8.
function(ladon_package component package)
  cmake_parse_arguments(ARG "" "SECTION;SUMMARY;DESCRIPTION" "PROGRAMS;ADMIN" ${ARGN})
  install(TARGETS ${ARG_PROGRAMS} ${ARG_ADMIN} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
          COMPONENT ${component})
  foreach(section 1 8)
    set(targets ${ARG_PROGRAMS})
    if(section EQUAL 8)
      set(targets ${ARG_ADMIN})
    endif()
    foreach(target ${targets})
      # Made by deploy/package/man from --help, before cpack.
      install(FILES ${CMAKE_BINARY_DIR}/man/${target}.${section}.gz
              DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component} OPTIONAL)
    endforeach()
  endforeach()
  install(FILES ${units}/package/copyright DESTINATION ${share}/doc/${package}
          COMPONENT ${component})
  install(FILES ${CMAKE_BINARY_DIR}/man/changelog.gz DESTINATION ${share}/doc/${package}
          COMPONENT ${component} OPTIONAL)
  if(EXISTS ${units}/package/${package}.lintian-overrides)
    install(FILES ${units}/package/${package}.lintian-overrides
            DESTINATION ${share}/lintian/overrides RENAME ${package} COMPONENT ${component})
  endif()
  string(TOUPPER ${component} upper)
  set(scripts)
  foreach(script preinst postinst prerm postrm)
    if(EXISTS ${units}/package/${package}.${script})
      # dpkg wants the plain name.
      file(COPY_FILE ${units}/package/${package}.${script}
           ${CMAKE_BINARY_DIR}/package/${component}/${script} ONLY_IF_DIFFERENT)
      list(APPEND scripts ${CMAKE_BINARY_DIR}/package/${component}/${script})
      set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
                   ${units}/package/${package}.${script})
    endif()
  endforeach()
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package} PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${ARG_SECTION} PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "${ARG_SUMMARY}\n${ARG_DESCRIPTION}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${scripts}" PARENT_SCOPE)
endfunction()

file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/package/core ${CMAKE_BINARY_DIR}/package/gateway)

ladon_package(core ladon-core SECTION net PROGRAMS ladonctl ADMIN ladond
  SUMMARY "core service of cashless school canteens"
  DESCRIPTION "Identifies a child by palm vein or card and debits a meal from an append-only
double-entry ledger, with personal data sealed. Brings the operator's tool
ladonctl: `ladonctl setup` makes keys and certificates and starts the service.
Nothing is started before that.")
ladon_package(gateway ladon-gateway SECTION net ADMIN ladon-gateway
  SUMMARY "payment gateway of cashless school canteens"
  DESCRIPTION "Speaks to banks and other payment channels over their own HTTP protocols and
to ladond over mutual TLS, and carries notices and intents of receipts to
those who listen. Holds no personal data and keeps nothing.")
ladon_package(tools ladon-tools SECTION utils PROGRAMS ladon-audit ladon-load ladon-eval
  SUMMARY "verifier, load and evaluation tools of Ladon"
  DESCRIPTION "ladon-audit verifies extracts, receipts, checkpoints and the security log
offline with a public key alone. ladon-load puts load on a server. ladon-eval
measures recognition on images of palms.")
ladon_package(terminal ladon-terminal SECTION utils PROGRAMS ladon-terminal
  SUMMARY "till of a cashless school canteen, on a command line"
  DESCRIPTION "The reference till and simulator: reads a card or an image of a palm, sells,
cancels, and settles what was left without an answer.")

install(FILES ${units}/ladond.service ${units}/ladon-backup.service ${units}/ladon-backup.timer
        DESTINATION lib/systemd/system COMPONENT core)
install(FILES ${units}/ladon.sysusers DESTINATION lib/sysusers.d RENAME ladon.conf COMPONENT core)
install(FILES ${units}/ladon.tmpfiles DESTINATION lib/tmpfiles.d RENAME ladon.conf COMPONENT core)
install(PROGRAMS ${units}/package/upgrade DESTINATION lib/ladon COMPONENT core)
install(FILES ${units}/calibration.json ${units}/calendar.toml DESTINATION ${share}/ladon
        COMPONENT core)
install(FILES ${units}/ladond.toml
        DESTINATION ${share}/doc/ladon-core/examples COMPONENT core)
install(DIRECTORY ${units}/prometheus ${units}/grafana ${units}/registries
        DESTINATION ${share}/ladon COMPONENT core)
install(DIRECTORY ${units}/hardening DESTINATION ${share}/ladon COMPONENT core
        USE_SOURCE_PERMISSIONS)
install(FILES ${CMAKE_BINARY_DIR}/man/ladonctl.bash
        DESTINATION ${share}/bash-completion/completions RENAME ladonctl COMPONENT core OPTIONAL)

install(FILES ${units}/ladon-gateway.service DESTINATION lib/systemd/system COMPONENT gateway)
install(FILES ${units}/ladon-gateway.sysusers DESTINATION lib/sysusers.d RENAME ladon-gateway.conf
        COMPONENT gateway)
install(FILES ${units}/ladon-gateway.tmpfiles DESTINATION lib/tmpfiles.d RENAME ladon-gateway.conf
        COMPONENT gateway)
install(FILES ${units}/ladon-gateway.toml ${units}/nginx-gateway.conf
        DESTINATION ${share}/doc/ladon-gateway/examples COMPONENT gateway)

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL core gateway tools terminal)
set(CPACK_PACKAGE_NAME ladon)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "Ladon <team@ladon.example>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_CORE_PACKAGE_DEPENDS "python3:any, systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles, tzdata")
set(CPACK_DEBIAN_CORE_PACKAGE_SUGGESTS "chrony, nftables, auditd, apparmor, prometheus")
set(CPACK_DEBIAN_GATEWAY_PACKAGE_DEPENDS
    "systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles, tzdata")
set(CPACK_DEBIAN_GATEWAY_PACKAGE_SUGGESTS "nginx-light")
# The default permissions of what cpack makes on its way.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
    GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
include(CPack)
