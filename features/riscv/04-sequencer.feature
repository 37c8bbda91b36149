@area:hitless @needs:iommu @needs:paging
Feature: A device context is changed without an interval where it can be

  @rule:RVN-SEQ-01 @kind:review @profile:riscv-review @needs:nesting
  Rule: From the second stage alone to both stages there is no interval: each access is translated as before or as after

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "changing from S2 to S2+S1 and back to be hitless"

    @needs:replace
    Example: the guest turns its first stage on
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to A
      And d1 reads 0x20_0000
      When the driver replaces the domain of d1 by B, without an interval
      Then d1 reading 0x1008 reaches PA 0x8000_0008
      And d1 reading 0x20_0000 faults with cause 13

    @needs:replace
    Example: for each id of a device
      Given d1 has the ids 0x5, 0x6
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to A
      When the driver replaces the domain of d1 by B, without an interval
      Then d1 reading 0x1008 reaches PA 0x8000_0008

  @rule:RVN-SEQ-02 @kind:review @profile:riscv-review @needs:nesting
  Rule: From both stages to the second stage alone there is no interval: each access is translated as before or as after

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "changing from S2 to S2+S1 and back to be hitless"

    @needs:replace
    Example: the guest turns its first stage off
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      When the driver replaces the domain of d1 by A, without an interval
      Then d1 reading 0x20_0008 reaches PA 0x8000_0008
      And d1 reading 0x1000 faults with cause 21

    @needs:replace
    Example: off and on again
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When the driver replaces the domain of d1 by A, without an interval
      And the driver replaces the domain of d1 by B, without an interval
      Then d1 reading 0x1008 reaches PA 0x8000_0008

  @rule:RVN-SEQ-03 @kind:review @profile:riscv-review @needs:nesting
  Rule: The valid bit is not cleared where a single word makes the change

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "Wiping the valid bit as part of the programming is not good"

    @needs:replace @needs:identity
    Scenario Outline: from <one> to <other>
      Given a nest parent A for d1 with a guest
      And a nest parent B for d1
      And an identity domain C for d1
      And a domain D for d1
      And the driver attaches d1 to <from>
      When the driver replaces the domain of d1 by <to>, without an interval
      Then the device context of d1 has <field>

      Examples:
        | one          | other                  | from | to | field               |
        | second stage | another second stage   | A    | B  | iohgatp.GSCID 2     |
        | identity     | a first stage          | C    | D  | iosatp.MODE Sv57    |
        | identity     | a second stage         | C    | A  | iohgatp.MODE Sv57x4 |
        | first stage  | identity               | D    | C  | iosatp.MODE Bare    |
        | second stage | identity               | A    | C  | iohgatp.MODE Bare   |

  @rule:RVN-SEQ-04 @kind:review @profile:riscv-review @needs:nesting
  Rule: What the hardware does not look at is changed first, then one word makes the change, and only where two words matter the context is stopped

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "this driver probably needs the programming sequencer from ARM"

    @needs:replace
    Example: the PSCID before the first stage
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to A
      When the driver replaces the domain of d1 by B, without an interval
      Then the device context of d1 has ta.PSCID 1
      And the device context of d1 has iosatp.PPN 0x100

    @needs:replace
    Example: the PSCID after the first stage
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When the driver replaces the domain of d1 by A, without an interval
      Then the device context of d1 has ta.PSCID 0
      And the device context of d1 has iosatp.MODE Bare

    @needs:replace
    Example: two words matter from one first stage to another, under another PSCID
      Given a nest parent A for d1 with a guest
      And the guest of A maps 0x1000 to GPA 0x20_1000 in its tables at GPA 0x10_4000
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d1 on A with its tables at GPA 0x10_4000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      When the driver replaces the domain of d1 by C
      Then d1 reading 0x1000 reaches PA 0x8000_1000
      And replacing the domain of d1 by B gives among others the commands "IODIR.INVAL_DDT deviceId 0x1, IOTINVAL.VMA gscid 0x1 then IOFENCE.C"
      And d1 reading 0x1000 reaches PA 0x8000_0000

    @needs:replace
    Scenario Outline: two words matter from <one> to <other>
      Given a nest parent A for d1 with a guest
      And a domain B for d1
      And a nested domain C for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to <from>
      When the driver replaces the domain of d1 by <to>
      Then d1 reading <iova> <reach>

      Examples:
        | one            | other          | from | to | iova      | reach                  |
        | a first stage  | both           | B    | C  | 0x1000    | reaches PA 0x8000_0000 |
        | a first stage  | a second stage | B    | A  | 0x20_0000 | reaches PA 0x8000_0000 |
        | both           | a first stage  | C    | B  | 0x1000    | faults with cause 13   |
        | a second stage | a first stage  | A    | B  | 0x1000    | faults with cause 13   |

    @needs:replace
    Scenario Outline: two words matter <direction> a process directory
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver allocates nested domain C for d1 on A, from:
        | tc.PDTV   | 1     |
        | pdtp.MODE | PD8   |
        | pdtp.PPN  | 0x108 |
      And the driver attaches d1 to <from>
      When the driver replaces the domain of d1 by <to>
      Then d1 reading <iova> reaches PA 0x8000_0000
      And the device context of d1 has tc.PDTV <PDTV>

      Examples:
        | direction | from | to | iova      | PDTV |
        | to        | B    | C  | 0x20_0000 | 1    |
        | from      | C    | B  | 0x1000    | 0    |

  @rule:RVN-SEQ-05 @kind:spec @profile:riscv-review @needs:nesting
  Rule: A valid context is changed by whole words, and no words that may be read together are inconsistent

    Source: RISC-V IOMMU Architecture Specification 1.0, "Updating in-memory data structure entries" "use a single store of width equal to the minimal single-copy atomic"

    @needs:replace
    Example: with the words of a first stage in use before and after
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to A
      When the driver replaces the domain of d1 by B, without an interval
      And the driver replaces the domain of d1 by A, without an interval
      Then the device context of d1 has tc.V 1
      And d1 reading 0x20_0000 reaches PA 0x8000_0000

    @needs:replace
    Example: a word whose halves say different things
      Given a nest parent A for d1 with a guest
      And a nest parent B for d1
      And the driver maps 4 KiB at 0x1000 in B to PA 0x9000_0000, read-write
      And the driver attaches d1 to A
      When the driver replaces the domain of d1 by B, without an interval
      Then d1 reading 0x1000 reaches PA 0x9000_0000
      And d1 reading 0x20_0000 faults with cause 21
