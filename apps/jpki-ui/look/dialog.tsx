/** What has to be answered or read before anything else: it holds the focus, and Escape closes it. */
import type { ReactNode } from 'react'
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { Button } from './button.tsx'

interface OverProps {
  readonly role: 'alertdialog' | 'dialog'
  readonly title: string
  readonly children: ReactNode
  readonly onClose: () => void
}

function Over({ role, title, children, onClose }: OverProps) {
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => !open && onClose()}
      className="fixed inset-0 z-10 grid place-items-center overflow-y-auto bg-[rgb(0_0_0/0.6)] p-4"
    >
      <Modal className="w-full max-w-96 rounded-16 border border-line bg-surface p-6 text-ink">
        <Dialog role={role} className="flex flex-col gap-5 outline-none">
          <Heading slot="title" className="text-[1.25rem] leading-snug font-bold">
            {title}
          </Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

interface QuestionProps {
  readonly title: string
  readonly children: ReactNode
  readonly yes: string
  readonly no: string
  readonly onYes: () => void
  readonly onNo: () => void
}

export function Question({ title, children, yes, no, onYes, onNo }: QuestionProps) {
  return (
    <Over role="alertdialog" title={title} onClose={onNo}>
      <div className="flex flex-col gap-3">{children}</div>
      <div className="flex flex-col gap-3">
        <Button onClick={onYes}>{yes}</Button>
        <Button kind="outlined" onClick={onNo}>
          {no}
        </Button>
      </div>
    </Over>
  )
}

interface AnswerProps {
  readonly title: string
  readonly children: ReactNode
  readonly close: string
  readonly onClose: () => void
}

export function Answer({ title, children, close, onClose }: AnswerProps) {
  return (
    <Over role="dialog" title={title} onClose={onClose}>
      {children}
      <Button kind="outlined" onClick={onClose}>
        {close}
      </Button>
    </Over>
  )
}
