@area:specification @needs:iommu @needs:nesting
Feature: Stages that hardware of this architecture walks

  @rule:RVN-SP-05 @kind:spec @profile:riscv-review
  Rule: What is not mapped, and what a mapping does not permit, faults in the stage that it is about

    Source: RISC-V IOMMU Architecture Specification 1.0, "Faults from virtual address translation process" "cause the IOVA translation process to stop and report the detected fault"

    Scenario Outline: <accessing> <iova> of a domain
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-only
      When the driver attaches d1 to A
      Then d1 <accessing> <iova> faults with cause <cause>

      Examples:
        | accessing | iova   | cause |
        | reading   | 0x2000 | 13    |
        | writing   | 0x2000 | 15    |
        | executing | 0x2000 | 12    |
        | writing   | 0x1000 | 15    |
        | executing | 0x1000 | 12    |

    Scenario Outline: <accessing> what the guest maps where it has nothing
      Given a nest parent A for d1 with a guest
      And the guest of A maps 0x2000 to GPA 0x30_0000 in its tables at GPA 0x10_0000
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver attaches d1 to B
      Then d1 <accessing> 0x2000 faults with cause <cause>

      Examples:
        | accessing | cause |
        | reading   | 21    |
        | writing   | 23    |
        | executing | 20    |

  @rule:RVN-SP-06 @kind:spec @profile:riscv-review
  Rule: The guest's tables are read through the second stage, and one that is not there faults as the access itself

    Source: RISC-V IOMMU Architecture Specification 1.0, "First-Stage context (fsc)" "The GPA of the root page is then converted"

    What hardware may have found in a table before, it may go on using: the accesses are to what the guest does not map.

    Scenario Outline: <accessing> <iova> when the table at <gpa> is taken away
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reading <iova> faults with cause 13
      When the driver unmaps 4 KiB at <gpa> in A
      Then d1 <accessing> <iova> faults with cause <cause>

      Examples:
        | gpa       | accessing | iova        | cause |
        | 0x10_0000 | reading   | 0x4000_0000 | 21    |
        | 0x10_0000 | writing   | 0x4000_0000 | 23    |
        | 0x10_2000 | reading   | 0x5000      | 21    |
        | 0x10_2000 | executing | 0x5000      | 20    |

  @rule:RVN-SP-07 @kind:spec @profile:riscv-review
  Rule: What a nest parent maps can be used by users, as the second stage knows no others

    Source: RISC-V IOMMU Architecture Specification 1.0, "Process to translate an IOVA" "the transaction is treated as not requesting supervisor privilege"

    Example: directly and below a first stage
      Given a nest parent A for d1 with a guest
      And a nested domain B for d2 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to A
      When the driver attaches d2 to B
      Then d1 writing 0x20_0008 reaches PA 0x8000_0008
      And d2 writing 0x1008 reaches PA 0x8000_0008

  @rule:RVN-SP-08 @kind:spec @profile:riscv-review
  Rule: A second stage takes addresses of two bits more than its first stage's mode, to the last, and none beyond

    Source: RISC-V IOMMU Architecture Specification 1.0, "IO hypervisor guest address translation and protection (iohgatp)" "Page-based 41-bit virtual addressing (2-bit extension of Sv39)"

    Scenario Outline: where hardware has <first> and <second>, <last>
      Given IOMMU 0 has <first>
      And IOMMU 0 has <second>
      And a nest parent A for d1
      And the driver attaches d1 to A
      When the driver maps 4 KiB at <last> in A to PA 0x8000_0000, read-write
      Then d1 reading <last> reaches PA 0x8000_0000
      And mapping 4 KiB at <beyond> in A to PA 0x9000_0000, read-write is refused with EINVAL
      And d1 reading <beyond> faults with cause 21

      Examples:
        | first     | second    | last                 | beyond               |
        | no DBG    | no DBG    | 0x7ff_ffff_ffff_f000 | 0x800_0000_0000_0000 |
        | no Sv57x4 | no DBG    | 0x3_ffff_ffff_f000   | 0x4_0000_0000_0000   |
        | no Sv57x4 | no Sv48x4 | 0x1ff_ffff_f000      | 0x200_0000_0000      |

  @rule:RVN-SP-09 @kind:spec @profile:riscv-review
  Rule: What is mapped has been accessed and is dirty already, unless hardware is told to note it

    Source: RISC-V IOMMU Architecture Specification 1.0, "Translation control (tc)" "the memory access is a store and the D bit is 0"

    Scenario Outline: a <kind>, where hardware has <part>
      Given IOMMU 0 has <part>
      And a <kind> A for d1
      And the driver attaches d1 to A
      When the driver maps 8 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then d1 reading 0x1008 reaches PA 0x8000_0008
      And d1 writing 0x2008 reaches PA 0x8000_1008

      Examples:
        | kind        | part        |
        | domain      | no DBG      |
        | domain      | no AMO_HWAD |
        | nest parent | no DBG      |
        | nest parent | no AMO_HWAD |
