@area:fence @needs:iommu @needs:paging
Feature: Invalidations are complete, and come in the right order

  @rule:RVN-FENCE-01 @kind:spec @profile:riscv-review @profile:riscv-mainline
  Rule: Before memory that a device could read or write is used anew, an IOFENCE.C with PR, or PR and PW, is complete

    Source: RISC-V IOMMU Architecture Specification 1.0, "IOMMU Command-queue Fence commands" "request ordering of all previous reads and writes"

    Scenario Outline: a page that was <prot>
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, <prot>
      And the driver attaches d1 to A
      And d1 reads 0x1000
      Then unmapping 4 KiB at 0x1000 in A gives among others the commands "IOTINVAL.VMA pscid 0x1 then <fence>"

      Examples:
        | prot       | fence           |
        | read-only  | IOFENCE.C pr    |
        | read-write | IOFENCE.C pr pw |

    Example: everything that the domain of a device led to
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      Then detaching d1 from A gives among others the commands "IODIR.INVAL_DDT deviceId 0x1 then IOFENCE.C pr pw"

    @needs:nesting
    Example: a page of a guest
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then unmapping 4 KiB at 0x20_0000 in A gives among others the commands "IOTINVAL.GVMA gscid 0x1 then IOFENCE.C pr pw"

  @rule:RVN-FENCE-02 @kind:hardened @profile:riscv-review @needs:ats
  Rule: An IOFENCE.C stands between IOTINVAL and ATS.INVAL, since commands may be carried out in another order

    Source: RISC-V IOMMU Architecture Specification 1.0, "IOMMU Command-queue Fence commands" "the IOMMU may execute the fetched commands out of order"

    Example: an unmapping in a first stage
      Given d1 keeps translations of its own
      And a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      Then unmapping 4 KiB at 0x1000 in A gives among others the commands "IOTINVAL.VMA pscid 0x1 then IOFENCE.C then ATS.INVAL then IOFENCE.C"

    @needs:nesting
    Example: an unmapping in a nest parent
      Given d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then unmapping 4 KiB at 0x20_0000 in A gives among others the commands "IOTINVAL.GVMA gscid 0x1 then IOFENCE.C then ATS.INVAL then IOFENCE.C"

    Example: a detach
      Given d1 keeps translations of its own
      And a domain A for d1
      And the driver attaches d1 to A
      Then detaching d1 from A gives among others the commands "IOTINVAL.VMA pscid 0x1 then IOFENCE.C then ATS.INVAL then IOFENCE.C"
